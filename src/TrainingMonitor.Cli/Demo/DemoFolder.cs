namespace TrainingMonitor.Cli.Demo;

/// <summary>The demo's data folder: a temporary one goes at the end, unless it is to be kept.</summary>
internal sealed class DemoFolder : IDisposable
{
    private DemoFolder(string path, bool stays)
    {
        Path = path;
        Stays = stays;
    }

    /// <summary>Full path.</summary>
    public string Path { get; }

    /// <summary>Whether it is still there afterwards.</summary>
    public bool Stays { get; }

    /// <summary>The named folder, or a temporary one.</summary>
    public static DemoFolder Open(string? named, bool keep) => named is null
        ? new DemoFolder(Directory.CreateTempSubdirectory("trainmon-demo-").FullName, keep)
        : new DemoFolder(System.IO.Path.GetFullPath(named), stays: true);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Stays)
        {
            return;
        }

        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A leftover in the temporary folder is the system's to sweep.
        }
    }
}
