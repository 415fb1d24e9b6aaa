using System.Globalization;

namespace TrainingMonitor.Examples;

/// <summary>The command line: <c>--job NAME [--seed N] [--steps N] [--server URL] [--run-id ID]</c> or <c>--list</c> or <c>--check</c>.</summary>
public sealed record ExampleArguments
{
    /// <summary>Shown with <c>--help</c> and after a mistake.</summary>
    public const string Usage = "Usage: TrainingMonitor.Examples --job NAME [--seed N] [--steps N] [--server URL] [--run-id ID] | --list | --check";

    /// <summary>Job to run; null with <see cref="List"/>.</summary>
    public string? Job { get; init; }

    /// <summary>Lists the jobs.</summary>
    public bool List { get; init; }

    /// <summary>Says whether the tensor library works on this machine.</summary>
    public bool Check { get; init; }

    /// <summary>Seed of everything random.</summary>
    public int Seed { get; init; }

    /// <summary>Steps to make; null: as many as the job wants.</summary>
    public int? Steps { get; init; }

    /// <summary>The monitor's gRPC address; null: from the environment.</summary>
    public Uri? Server { get; init; }

    /// <summary>Run id; null: from the environment, else made up.</summary>
    public string? RunId { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="UsageException">A mistake, said in one sentence.</exception>
    public static ExampleArguments Parse(IReadOnlyList<string> arguments)
    {
        var result = new ExampleArguments();
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i];
            string Value() => ++i < arguments.Count ? arguments[i] : throw new UsageException($"{name} needs a value.");
            result = name switch
            {
                "--list" => result with { List = true },
                "--check" => result with { Check = true },
                "--job" => result with { Job = Value() },
                "--seed" => result with { Seed = Number(name, Value(), least: 0) },
                "--steps" => result with { Steps = Number(name, Value(), least: 1) },
                "--server" => result with { Server = Address(Value()) },
                "--run-id" => result with { RunId = Value() },
                _ => throw new UsageException($"Unknown argument {name}."),
            };
        }

        return result.List || result.Check || result.Job is not null ? result : throw new UsageException("Name a job with --job, or list them with --list.");
    }

    private static int Number(string name, string value, int least) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least
            ? number
            : throw new UsageException($"{name} needs a whole number of at least {least}, not '{value}'.");

    private static Uri Address(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new UsageException($"--server needs an address such as http://127.0.0.1:4650, not '{value}'.");
}
