namespace TrainingMonitor.Cli.Connection;

/// <summary>Files that are written whole or not at all.</summary>
internal static class SafeFile
{
    /// <summary>A run id as a file name.</summary>
    public static string Name(string runId) => string.Concat(runId.Select(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_'));

    /// <summary>Writes aside and renames, so that an interrupted download leaves an older file as it was.</summary>
    /// <returns>Bytes written.</returns>
    public static async Task<long> WriteAsync(string path, Func<Stream, Task> write, bool forOwnerOnly = false)
    {
        var folder = Path.GetDirectoryName(path);
        if (folder is { Length: > 0 } && !Directory.Exists(folder))
        {
            throw new CliException(ExitCodes.NotFound, $"There is no folder {folder}: make it, or name a file in another one.");
        }

        var aside = $"{path}.{Environment.ProcessId}.part";
        try
        {
            long bytes;
            await using (var file = Create(aside, path, forOwnerOnly))
            {
                await write(file);
                bytes = file.Length;
            }

            File.Move(aside, path, overwrite: true);
            return bytes;
        }
        finally
        {
            File.Delete(aside);
        }
    }

    private static FileStream Create(string aside, string path, bool forOwnerOnly)
    {
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.ReadWrite, Share = FileShare.None };
            if (forOwnerOnly && !OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            return new FileStream(aside, options);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCodes.Failure, $"The file {path} cannot be written ({error.Message.TrimEnd('.')}): choose another with --out.", error);
        }
    }
}
