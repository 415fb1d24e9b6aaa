using TrainingMonitor.Cli;
using TrainingMonitor.Node.Testing;

// trainmon, whose first argument is the file of its clock.
using var clock = new SetClock(args[0]);
return await TrainmonProgram.RunAsync(CliContext.OfProcess() with { Time = clock }, args[1..]);
