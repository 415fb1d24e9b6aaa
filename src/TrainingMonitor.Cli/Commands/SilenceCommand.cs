using System.CommandLine;
using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Cli.Json;

namespace TrainingMonitor.Cli.Commands;

/// <summary><c>trainmon silence add|list|remove</c>.</summary>
internal static class SilenceCommand
{
    private const string DefaultLength = "2h";

    /// <summary>Makes the command.</summary>
    public static Command Create(CliContext context, ConnectionOptions connection)
    {
        var command = new Command("silence", "Keep alerts from being told for a while.");
        command.Add(Add(context, connection));
        command.Add(List(context, connection));
        command.Add(Remove(context, connection));
        return command;
    }

    private static Command Add(CliContext context, ConnectionOptions connection)
    {
        Option<string?> Pattern(string name, string what) => new("--" + name) { Description = $"Only {what} ('*' stands for any text)." };
        var (project, run, rule, layer) = (Pattern("project", "this project"), Pattern("run", "this run"), Pattern("rule", "this rule"), Pattern("layer", "this layer"));
        var severity = new Option<string?>("--severity") { Description = "Only this severity: info, warning or critical." };
        var length = LengthOption.Create("--for", $"How long, such as 30m, 2h or 7d (default: {DefaultLength}).");
        var comment = new Option<string?>("--comment") { Description = "Why." };
        var json = CommonOptions.Json();
        var command = new Command("add", "Begin a silence. Say at least one of project, run, rule, layer, severity.") { project, run, rule, layer, severity, length, comment, json };
        command.SetAction((parsed, stop) => Guarded.RunAsync(context, async () =>
        {
            using var http = new HttpDownload(connection.Locate(context, parsed));
            var made = await http.AskAsync(
                HttpMethod.Post,
                Address.Of(
                    "/api/v1/silences",
                    ("project", parsed.GetValue(project)), ("run", parsed.GetValue(run)), ("rule", parsed.GetValue(rule)), ("layer", parsed.GetValue(layer)), ("severity", parsed.GetValue(severity)),
                    ("minutes", LengthOption.Minutes(parsed.GetValue(length) ?? DefaultLength)), ("comment", parsed.GetValue(comment)), ("author", context.Variable("USER"))),
                ServerAnswers.Default.SilenceJson,
                stop);
            if (parsed.GetValue(json))
            {
                CliJson.Write(context.Output, made);
            }
            else
            {
                context.Output.WriteLine(Line(made));
            }

            return ExitCodes.Ok;
        }));
        return command;
    }

    private static Command List(CliContext context, ConnectionOptions connection)
    {
        var json = CommonOptions.Json();
        var command = new Command("list", "List the silences that hold now.") { json };
        command.SetAction((parsed, stop) => Guarded.RunAsync(context, async () =>
        {
            using var http = new HttpDownload(connection.Locate(context, parsed));
            var silences = (await http.AskAsync(HttpMethod.Get, "/api/v1/silences", ServerAnswers.Default.SilencesAnswer, stop)).Silences;
            if (parsed.GetValue(json))
            {
                CliJson.Write(context.Output, silences);
                return ExitCodes.Ok;
            }

            context.Output.WriteLine(silences.Count == 0 ? "No silences." : string.Join(Environment.NewLine, silences.Select(Line)));
            return ExitCodes.Ok;
        }));
        return command;
    }

    private static Command Remove(CliContext context, ConnectionOptions connection)
    {
        var id = new Argument<string>("ID") { Description = "Id of the silence, as 'silence list' shows it." };
        var command = new Command("remove", "End a silence; what it held is told now.") { id };
        command.SetAction((parsed, stop) => Guarded.RunAsync(context, async () =>
        {
            using var http = new HttpDownload(connection.Locate(context, parsed));
            var gone = await http.AskAsync(HttpMethod.Delete, "/api/v1/silences/" + Uri.EscapeDataString(parsed.GetRequiredValue(id)), ServerAnswers.Default.RemovedAnswer, stop);
            context.Output.WriteLine($"Silence {gone.Removed} is over.");
            return ExitCodes.Ok;
        }));
        return command;
    }

    private static string Line(SilenceJson silence)
    {
        var what = new[] { ("project", silence.Project), ("run", silence.Run), ("rule", silence.Rule), ("layer", silence.Layer), ("severity", silence.Severity) }
            .Where(pair => pair.Item2.Length > 0).Select(pair => $"{pair.Item1}={pair.Item2}");
        return $"{silence.Id}  until {silence.Until.ToLocalTime():yyyy-MM-dd HH:mm}  {string.Join(' ', what)}  {silence.Author}{(silence.Comment.Length > 0 ? ": " + silence.Comment : "")}".TrimEnd();
    }
}
