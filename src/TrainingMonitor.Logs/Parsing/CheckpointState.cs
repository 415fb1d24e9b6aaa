using System.Text.Json;

namespace TrainingMonitor.Logs.Parsing;

/// <summary>A Hugging Face <c>trainer_state.json</c>: a whole document that each checkpoint writes again, with the history so far.</summary>
internal sealed class CheckpointState
{
    private readonly List<string> known = [];

    /// <summary>What a document holds beyond those before it. After a rewind its history differs: everything from there is new. False: the document is not whole yet.</summary>
    public bool Read(string text, ICollection<LogEntry> entries)
    {
        using var document = JsonRow.Parse(text);
        if (document is not { RootElement.ValueKind: JsonValueKind.Object } || !document.RootElement.TryGetProperty("log_history", out var history) || history.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        var planned = document.RootElement.TryGetProperty("max_steps", out var most) && most.ValueKind == JsonValueKind.Number && most.TryGetInt64(out var steps) ? Math.Max(steps, 0) : 0;
        var place = 0;
        foreach (var row in history.EnumerateArray().Where(row => row.ValueKind == JsonValueKind.Object))
        {
            var raw = row.GetRawText();
            if (place < known.Count && known[place] == raw)
            {
                place++;
                continue;
            }

            known.RemoveRange(place, known.Count - place);
            known.Add(raw);
            place++;
            entries.Add(JsonLine.Read(row, planned));
        }

        return true;
    }
}
