using System.Globalization;
using TrainingMonitor.Client;
using TrainingMonitor.TorchSharp;
using static TorchSharp.torch;

namespace TrainingMonitor.Examples.Jobs;

/// <summary>What a job is run with, and where it writes its progress.</summary>
public sealed class JobContext
{
    private readonly TextWriter output;

    /// <summary>A context that seeds the random numbers of torch.</summary>
    /// <param name="seed">Chooses data split, initial weights and order of examples.</param>
    /// <param name="steps">Steps to make.</param>
    /// <param name="client">Where the monitor is, and the run's id.</param>
    /// <param name="output">Progress lines for a person.</param>
    /// <param name="stop">Asks the job to end early.</param>
    public JobContext(int seed, int steps, ClientOptions client, TextWriter output, CancellationToken stop)
    {
        this.output = output;
        Seed = seed;
        Steps = steps;
        Client = client;
        Stop = stop;
        random.manual_seed(seed);
    }

    /// <summary>Chooses data split, initial weights and order of examples.</summary>
    public int Seed { get; }

    /// <summary>Steps to make.</summary>
    public int Steps { get; }

    /// <summary>Where the monitor is, and the run's id.</summary>
    public ClientOptions Client { get; }

    /// <summary>Asks the job to end early.</summary>
    public CancellationToken Stop { get; }

    /// <summary>Whether the loop makes this step: not after the last, not after Ctrl-C, not after a person asked the run to stop.</summary>
    public bool Continues(int step, TrainingWatch watch)
    {
        ArgumentNullException.ThrowIfNull(watch);
        return step < Steps && !Stop.IsCancellationRequested && !watch.ShouldStop;
    }

    /// <summary>Writes "step 100/600  loss 0.412  held-out 0.98": the numbers of this step by name.</summary>
    public void Report(int step, params ReadOnlySpan<(string Name, double Value)> numbers)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"step {step}/{Steps}");
        foreach (var (name, value) in numbers)
        {
            line += string.Create(CultureInfo.InvariantCulture, $"  {name} {value:G4}");
        }

        output.WriteLine(line);
    }
}
