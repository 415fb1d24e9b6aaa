using System.CommandLine;
using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Cli.Json;
using TrainingMonitor.Storage.Backups;

namespace TrainingMonitor.Cli.Commands;

/// <summary><c>trainmon backup</c> and <c>trainmon restore</c>.</summary>
internal static class BackupCommand
{
    /// <summary>Makes the command that makes one.</summary>
    public static Command Create(CliContext context, ConnectionOptions connection)
    {
        var file = new Argument<string>("FILE") { Description = "Archive to write (tar); an existing one is replaced." };
        var json = CommonOptions.Json();
        var command = new Command("backup", "Save everything that a running server keeps, as of one moment, to a file; needs the scope admin for all projects.") { file, json };
        command.SetAction((parsed, stop) => Guarded.RunAsync(context, async () =>
        {
            using var http = new HttpDownload(connection.Locate(context, parsed));
            var path = Path.GetFullPath(parsed.GetRequiredValue(file));
            BackupManifest? manifest = null;
            await SafeFile.WriteAsync(path, async target =>
            {
                await http.CopyAsync("/api/v1/backup", target, stop);

                // Read back before it takes the place of the one before.
                target.Position = 0;
                manifest = await Judged(path, () => BackupReader.VerifyAsync(target, stop));
            }, forOwnerOnly: true);
            Say(context, parsed.GetValue(json), "Saved", path, manifest!);
            return ExitCodes.Ok;
        }));
        return command;
    }

    /// <summary>Makes the command that brings one back.</summary>
    public static Command Restore(CliContext context)
    {
        var file = new Argument<string>("FILE") { Description = "Archive that 'trainmon backup' wrote." };
        var data = new Option<string>("--data") { Description = "Data folder to make: new, or empty.", Required = true };
        var json = CommonOptions.Json();
        var command = new Command("restore", "Make a data folder from a backup. It is checked as a whole before anything is there.") { file, data, json };
        command.SetAction((parsed, stop) => Guarded.RunAsync(context, async () =>
        {
            var (path, folder) = (Path.GetFullPath(parsed.GetRequiredValue(file)), Path.GetFullPath(parsed.GetRequiredValue(data)));
            if (!File.Exists(path))
            {
                throw new CliException(ExitCodes.NotFound, $"There is no file {path}.");
            }

            await using var archive = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.Asynchronous);
            Say(context, parsed.GetValue(json), "Restored", folder, await Judged(path, () => BackupReader.RestoreAsync(archive, folder, stop)));
            if (!parsed.GetValue(json))
            {
                context.Output.WriteLine($"Start it with 'trainmon serve --data {folder}'; its own token is a new one.");
            }

            return ExitCodes.Ok;
        }));
        return command;
    }

    private static async Task<BackupManifest> Judged(string path, Func<Task<BackupManifest>> read)
    {
        try
        {
            return await read();
        }
        catch (InvalidDataException error)
        {
            throw new CliException(ExitCodes.Failure, $"The backup {path} cannot be used: {error.Message.TrimEnd('.')}.", error);
        }
    }

    private static void Say(CliContext context, bool json, string did, string path, BackupManifest manifest)
    {
        var bytes = manifest.Entries.Sum(entry => entry.Bytes);
        if (json)
        {
            CliJson.Write(context.Output, new BackupJson(path, bytes, manifest.Entries.Count, manifest.Created, manifest.LogPosition));
        }
        else
        {
            context.Output.WriteLine($"{did} {path}: {manifest.Entries.Count} files, {bytes:N0} bytes, as of {manifest.Created.ToLocalTime():yyyy-MM-dd HH:mm:ss}.");
        }
    }
}
