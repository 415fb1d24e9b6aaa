using System.Globalization;
using TrainingMonitor.Evaluation.Recordings;

namespace TrainingMonitor.Evaluation;

/// <summary>Which runs to record, and for how long.</summary>
/// <param name="Cell">Part of the name of the cell.</param>
/// <param name="Limit">No run is begun after it.</param>
/// <param name="Shard">Which of <paramref name="Shards"/> equal parts.</param>
/// <param name="Shards">Processes that share the work.</param>
internal sealed record RecordOptions(string Cell, TimeSpan Limit, int Shard, int Shards)
{
    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ArgumentException">Unknown argument.</exception>
    public static RecordOptions Parse(ReadOnlySpan<string> args)
    {
        var options = new RecordOptions("", TimeSpan.MaxValue, 0, 1);
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : throw new ArgumentException($"{args[i]} needs a value.", nameof(args));
            options = args[i] switch
            {
                "--cell" => options with { Cell = value },
                "--minutes" => options with { Limit = TimeSpan.FromMinutes(double.Parse(value, CultureInfo.InvariantCulture)) },
                "--shard" when value.Split('/') is [var shard, var shards] => options with
                {
                    Shard = int.Parse(shard, CultureInfo.InvariantCulture),
                    Shards = int.Parse(shards, CultureInfo.InvariantCulture),
                },
                _ => throw new ArgumentException($"Unknown argument {args[i]} {value}.", nameof(args)),
            };
        }

        return options;
    }

    /// <summary>Whether the run is asked for. Shards go by the name, so that they do not depend on what is recorded already.</summary>
    public bool Wants(RecordingPlan plan) => plan.Cell.Contains(Cell, StringComparison.Ordinal) && Share($"{plan.Cell}/{plan.Seed}") == Shard;

    private int Share(string name)
    {
        var sum = 0u;
        foreach (var c in name)
        {
            sum = (sum * 31) + c;
        }

        return (int)(sum % (uint)Shards);
    }
}
