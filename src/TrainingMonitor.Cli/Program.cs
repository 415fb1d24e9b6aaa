using TrainingMonitor.Cli;

return await TrainmonCommand.RunAsync(CliContext.OfProcess(), args);
