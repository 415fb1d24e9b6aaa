using System.CommandLine;
using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Cli.Json;

namespace TrainingMonitor.Cli.Commands;

/// <summary><c>trainmon export RUN</c>.</summary>
internal static class ExportCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(CliContext context, ConnectionOptions connection)
    {
        var run = CommonOptions.Run();
        var format = new Option<string>("--format") { Description = "File format (csv or parquet; default: by the file's name).", DefaultValueFactory = _ => "" };
        format.CompletionSources.Add("csv", "parquet");
        format.Validators.Add(result =>
        {
            if (result.Tokens is [var given, ..] && given.Value is not ("csv" or "parquet"))
            {
                result.AddError($"--format needs csv or parquet, not '{given.Value}'");
            }
        });
        var file = new Option<string?>("--out", "-o") { Description = "File to write (default: RUN.csv or RUN.parquet); an existing one is replaced." };
        var layers = new Option<bool>("--layers") { Description = "Layer windows instead of run-level rows." };
        var json = CommonOptions.Json();
        var command = new Command("export", "Write a run's series to a CSV or Parquet file.") { run, format, file, layers, json };
        command.SetAction((parsed, stop) => Guarded.RunAsync(context, async () =>
        {
            var location = connection.Locate(context, parsed);
            using var client = new QueryClient(location);
            var id = await client.ResolveRunAsync(parsed.GetRequiredValue(run), stop);
            var chosen = Format(parsed.GetValue(format), parsed.GetValue(file));
            var path = Path.GetFullPath(parsed.GetValue(file) ?? $"{SafeFile.Name(id)}.{chosen}");
            var bytes = await SafeFile.WriteAsync(path, async target =>
            {
                using var http = new HttpDownload(location);
                await http.CopyAsync($"/api/v1/runs/{Uri.EscapeDataString(id)}/export?format={chosen}&layers={(parsed.GetValue(layers) ? "true" : "false")}", target, stop);
            });
            Say(context, parsed.GetValue(json), new FileJson(id, path, chosen, bytes));
            return ExitCodes.Ok;
        }));
        return command;
    }

    /// <summary>Tells what was written.</summary>
    internal static void Say(CliContext context, bool json, FileJson written)
    {
        if (json)
        {
            CliJson.Write(context.Output, written);
        }
        else
        {
            context.Output.WriteLine($"Wrote {written.Bytes:N0} bytes of {written.RunId} to {written.File}.");
        }
    }

    private static string Format(string? said, string? file) => said switch
    {
        { Length: > 0 } => said,
        _ when file?.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase) == true => "parquet",
        _ => "csv",
    };
}
