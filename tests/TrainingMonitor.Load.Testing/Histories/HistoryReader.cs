using System.Text;
using System.Text.Json;

namespace TrainingMonitor.Load.Testing.Histories;

/// <summary>Reads a history that may still be written, or whose writer was killed.</summary>
public static class HistoryReader
{
    /// <summary>The whole lines of the file; what a kill cut off at the end is left out. None where there is no file yet.</summary>
    public static IReadOnlyList<HistoryEntry> Read(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file, Encoding.UTF8);
        var text = reader.ReadToEnd();
        return
        [
            .. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonSerializer.Deserialize<HistoryEntry>(line, HistoryJson.Options)!),
        ];
    }
}
