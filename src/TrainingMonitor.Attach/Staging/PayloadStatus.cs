using System.Text.Json;

namespace TrainingMonitor.Attach.Staging;

/// <summary>One line of what the payload says.</summary>
/// <param name="State">inside, found, watching, off, said, refused, fault, detached.</param>
/// <param name="Python">Version of the interpreter.</param>
/// <param name="Torch">Version of torch.</param>
/// <param name="Optimizers">Optimizers that were found, in words.</param>
/// <param name="Optimizer">The one that is watched.</param>
/// <param name="Model">Class of its model.</param>
/// <param name="DatasetSize">Examples, where a loader says so.</param>
/// <param name="Sampling">How batches are drawn, where a loader says so.</param>
/// <param name="FirstStep">Number of the first step that is watched.</param>
/// <param name="Sentence">What the client says to its user.</param>
/// <param name="Reason">Why not.</param>
/// <param name="Error">What went wrong.</param>
public sealed record PayloadStatus(
    string State,
    string? Python = null,
    string? Torch = null,
    IReadOnlyList<string>? Optimizers = null,
    string? Optimizer = null,
    string? Model = null,
    long? DatasetSize = null,
    string? Sampling = null,
    long? FirstStep = null,
    string? Sentence = null,
    string? Reason = null,
    string? Error = null)
{
    /// <summary>All lines so far; a line that is being written is left for the next time.</summary>
    public static IReadOnlyList<PayloadStatus> Read(string folder)
    {
        var lines = new List<PayloadStatus>();
        foreach (var file in Directory.EnumerateFiles(folder, "status-*.jsonl").Order(StringComparer.Ordinal))
        {
            foreach (var line in File.ReadAllText(file).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                try
                {
                    if (JsonSerializer.Deserialize(line, PayloadJson.Default.PayloadStatus) is { State: not null } status)
                    {
                        lines.Add(status);
                    }
                }
                catch (JsonException)
                {
                    // Half a line.
                }
            }
        }

        return lines;
    }
}
