using System.Security.Cryptography;

namespace TrainingMonitor.Server.Hosting;

/// <summary>The server's folder: private to its user, held by one server at a time.</summary>
internal sealed class DataFolder : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly FileStream held;

    private DataFolder(string path, FileStream held)
    {
        Path = path;
        this.held = held;
    }

    public string Path { get; }

    /// <summary>~/.local/share/trainmon, or its equal where the system says so.</summary>
    public static string DefaultPath()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return System.IO.Path.Combine(home.Length > 0 ? home : System.IO.Path.GetTempPath(), "trainmon");
    }

    /// <summary>Makes the folder where it is missing and takes its lock.</summary>
    /// <exception cref="InvalidOperationException">In use or not usable; the message says what to do.</exception>
    public static DataFolder Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(path);
            else
                Directory.CreateDirectory(path, Private | UnixFileMode.UserExecute);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"The data folder {path} cannot be made: {error.Message} Choose another with --data or TRAINMON_DATA.", error);
        }

        try
        {
            // The lock goes with the process, so that a killed server leaves nothing behind to clean up.
            return new DataFolder(path, Create(System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate));
        }
        catch (UnauthorizedAccessException error)
        {
            throw new InvalidOperationException($"The data folder {path} cannot be written: {error.Message} Choose another with --data or TRAINMON_DATA.", error);
        }
        catch (IOException error)
        {
            throw new InvalidOperationException($"The data folder {path} is in use by another server. Stop that one, or choose another folder with --data or TRAINMON_DATA.", error);
        }
    }

    /// <summary>The token of the file "token", made at the first start, readable by its owner only.</summary>
    public string Token()
    {
        var path = System.IO.Path.Combine(Path, "token");
        if (File.Exists(path))
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~Private) != UnixFileMode.None)
                File.SetUnixFileMode(path, Private);
            var token = File.ReadAllText(path).Trim();
            return token.Length >= 16
                ? token
                : throw new InvalidOperationException($"The token file {path} holds no token. Delete it, and the next start makes a new one.");
        }

        var made = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        // Written aside and renamed: a reader never sees half a token.
        var aside = path + ".new";
        File.Delete(aside);
        using (var file = Create(aside, FileMode.CreateNew))
        using (var writer = new StreamWriter(file))
            writer.WriteLine(made);
        File.Move(aside, path);
        return made;
    }

    public void Dispose() => held.Dispose();

    private static FileStream Create(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = Private;
        return new FileStream(path, options);
    }
}
