using System.Text.Json;

namespace TrainingMonitor.Load.Testing.Histories;

/// <summary>Appends a trainer's history to a file, a JSON object a line. Each line is handed to the operating system before the call returns, so that it survives the
/// kill of the process: a frame is written down before it is sent, an ack before the client hears of it. Thread-safe.</summary>
public sealed class HistoryWriter : IDisposable
{
    private readonly Lock gate = new();
    private readonly FileStream file;

    /// <summary>Opens or makes the file.</summary>
    public HistoryWriter(string path)
    {
        file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
    }

    /// <summary>Adds a line.</summary>
    public void Add(HistoryEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var line = JsonSerializer.SerializeToUtf8Bytes(entry, HistoryJson.Options);
        Array.Resize(ref line, line.Length + 1);
        line[^1] = (byte)'\n';
        lock (gate)
        {
            file.Write(line);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            file.Flush(flushToDisk: true);
            file.Dispose();
        }
    }
}
