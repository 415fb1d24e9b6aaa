using System.Runtime.InteropServices;
using TorchSharp;
using TrainingMonitor.Client;
using TrainingMonitor.Examples;
using TrainingMonitor.Examples.Jobs;

const int Ok = 0;
const int Failure = 1;
const int Usage = 2;

ExampleArguments arguments;
try
{
    arguments = ExampleArguments.Parse(args);
}
catch (UsageException mistake)
{
    Console.Error.WriteLine(mistake.Message);
    Console.Error.WriteLine(ExampleArguments.Usage);
    return Usage;
}

if (arguments.List)
{
    foreach (var known in JobCatalog.All)
    {
        Console.WriteLine($"{known.Name,-18} {known.Description}");
    }

    return Ok;
}

if (arguments.Check)
{
    using var sum = torch.ones(2, 2).matmul(torch.ones(2, 2)).sum();
    Console.WriteLine($"torch {torch.__version__} works: {JobCatalog.All.Count} jobs");
    return Math.Abs(sum.item<float>() - 8) < 1e-6 ? Ok : Failure;
}

if (JobCatalog.Find(arguments.Job!) is not { } job)
{
    Console.Error.WriteLine($"There is no job '{arguments.Job}'; the jobs are {string.Join(", ", JobCatalog.All.Select(known => known.Name))}.");
    return Usage;
}

using var stop = new CancellationTokenSource();

// The loop ends after its step, and the run says goodbye.
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

// The networks are small: a second thread would gain nothing, fight with the server for the second core, and change the last bits of the results.
torch.set_num_threads(1);
var client = new ClientOptions { Server = arguments.Server, RunId = arguments.RunId, RunName = job.Name, Project = "demo" };
job.Run(new JobContext(arguments.Seed, arguments.Steps ?? job.Steps, client, Console.Out, stop.Token));
return Ok;
