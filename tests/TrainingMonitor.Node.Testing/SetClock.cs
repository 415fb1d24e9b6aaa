using System.Globalization;

namespace TrainingMonitor.Node.Testing;

/// <summary>The clock of a machine that somebody sets: a file says how many seconds it is ahead of the true time. Elapsed time is not touched by it, as on a real machine.</summary>
internal sealed class SetClock : TimeProvider, IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private readonly string file;
    private readonly Timer timer;
    private long ahead;

    /// <summary>Follows a file.</summary>
    public SetClock(string file)
    {
        this.file = file;
        Read();
        timer = new Timer(_ => Read(), null, Look, Look);
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromSeconds(Volatile.Read(ref ahead));

    /// <inheritdoc/>
    public void Dispose() => timer.Dispose();

    private void Read() => Volatile.Write(ref ahead, long.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture));
}
