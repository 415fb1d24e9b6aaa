using TrainingMonitor.Cli;

return await TrainmonProgram.RunAsync(CliContext.OfProcess(), args);
