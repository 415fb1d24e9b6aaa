using System.Globalization;

namespace TrainingMonitor.Server.Security.Auditing;

/// <summary>Lines appended to "audit.jsonl"; a full one becomes "audit.1.jsonl", that one "audit.2.jsonl", and the last goes. Not thread-safe.</summary>
internal sealed class AuditFile(string folder, long bytesEach, int files) : IDisposable
{
    private FileStream? open;

    /// <summary>The newest file.</summary>
    public string Path { get; } = System.IO.Path.Combine(folder, "audit.jsonl");

    /// <summary>Appends a line; durable when asked for.</summary>
    /// <exception cref="IOException">It is not written.</exception>
    public void Append(ReadOnlySpan<byte> line, bool durable)
    {
        if (open is not null && open.Length + line.Length > bytesEach)
            Rotate();
        open ??= Open();
        open.Write(line);
        open.Flush(durable);
    }

    public void Dispose() => open?.Dispose();

    private void Rotate()
    {
        open!.Dispose();
        open = null;
        for (var i = files - 2; i >= 0; i--)
        {
            if (File.Exists(Name(i)))
                File.Move(Name(i), Name(i + 1), overwrite: true);
        }
    }

    private string Name(int i) => i == 0 ? Path : System.IO.Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"audit.{i}.jsonl"));

    private FileStream Open()
    {
        // Read by whoever looks, also while the server runs; written by nobody else.
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.Read | FileShare.Delete };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(Path, options);
    }
}
