namespace TrainingMonitor.Storage.Tests;

/// <summary>A folder that goes with the test. Made when it is first asked for: a test that runs as a child process, to be killed, has its parent's.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly Lazy<string> path = new(() => Directory.CreateTempSubdirectory("trainmon-storage-").FullName);

    public string Path => path.Value;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        if (path.IsValueCreated)
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
