using System.Text.Json;
using TrainingMonitor.Load.Testing.Load;

// Trainers of the plans in a file (a JSON array), in one process. Words on standard input: pause, go, finish, each answered by a line on standard output:
// settled, going, finished. Without standard input there is nobody to serve: it ends.
if (args is not [var file])
{
    await Console.Error.WriteLineAsync("usage: TrainingMonitor.Load.Testing PLANS.json");
    return 2;
}

var plans = JsonSerializer.Deserialize<TrainerPlan[]>(await File.ReadAllTextAsync(file), JsonSerializerOptions.Web)!;
using var stop = new CancellationTokenSource();
LoadTrainer[] trainers = [.. plans.Select(plan => new LoadTrainer(plan, TimeProvider.System))];
Task[] running = [.. trainers.Select(trainer => trainer.RunAsync(stop.Token))];
await Console.Out.WriteLineAsync("started");
while (await Console.In.ReadLineAsync() is { } word)
{
    switch (word)
    {
        case "pause":
            await Task.WhenAll(trainers.Select(trainer => trainer.PauseAsync(stop.Token)));
            await Console.Out.WriteLineAsync("settled");
            break;
        case "go":
            Array.ForEach(trainers, trainer => trainer.Resume());
            await Console.Out.WriteLineAsync("going");
            break;
        case "finish":
            await stop.CancelAsync();
            await Task.WhenAll(running);
            await Task.WhenAll(trainers.Select(trainer => Task.Run(trainer.Finish)));
            Array.ForEach(trainers, trainer => trainer.Dispose());
            await Console.Out.WriteLineAsync("finished");
            return 0;
        default:
            await Console.Error.WriteLineAsync($"unknown word {word}");
            break;
    }
}

Environment.Exit(1);
return 1;
