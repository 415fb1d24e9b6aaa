using System.CommandLine;
using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Cli.Json;

namespace TrainingMonitor.Cli.Commands;

/// <summary><c>trainmon ack [ALERT]</c>.</summary>
internal static class AckCommand
{
    private const string Path = "/api/v1/acks";

    /// <summary>Makes the command.</summary>
    public static Command Create(CliContext context, ConnectionOptions connection)
    {
        var alert = new Argument<string?>("ALERT") { Description = "The alert: RUN/RULE or RUN/RULE/LAYER. Without it: list what is acknowledged.", Arity = ArgumentArity.ZeroOrOne };
        var length = LengthOption.Create("--for", "How long, such as 30m, 2h or 7d (default: until the alert resolves).");
        var comment = new Option<string?>("--comment") { Description = "What is being done." };
        var remove = new Option<bool>("--remove") { Description = "Take the acknowledgement back." };
        var json = CommonOptions.Json();
        var command = new Command("ack", "Say that you look after an alert: it is not told again until it resolves.") { alert, length, comment, remove, json };
        command.SetAction((parsed, stop) => Guarded.RunAsync(context, async () =>
        {
            using var http = new HttpDownload(connection.Locate(context, parsed));
            if (parsed.GetValue(alert) is not { } id)
            {
                var acks = (await http.AskAsync(HttpMethod.Get, Path, ServerAnswers.Default.AcksAnswer, stop)).Acks;
                if (parsed.GetValue(json))
                {
                    CliJson.Write(context.Output, acks);
                    return ExitCodes.Ok;
                }

                context.Output.WriteLine(acks.Count == 0 ? "Nothing is acknowledged." : string.Join(Environment.NewLine, acks.Select(Line)));
                return ExitCodes.Ok;
            }

            if (parsed.GetValue(remove))
            {
                var gone = await http.AskAsync(HttpMethod.Delete, Address.Of(Path, ("alert", id)), ServerAnswers.Default.RemovedAnswer, stop);
                context.Output.WriteLine($"{gone.Removed} is not acknowledged any more.");
                return ExitCodes.Ok;
            }

            var made = await http.AskAsync(
                HttpMethod.Post,
                Address.Of(
                    Path, ("alert", id), ("minutes", parsed.GetValue(length) is { } given ? LengthOption.Minutes(given) : null), ("comment", parsed.GetValue(comment)), ("author", context.Variable("USER"))),
                ServerAnswers.Default.AckJson,
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

    private static string Line(AckJson ack) =>
        $"{ack.AlertId}  until {(ack.Until is { } until ? $"{until.ToLocalTime():yyyy-MM-dd HH:mm}" : "it resolves")}  {ack.Author}{(ack.Comment.Length > 0 ? ": " + ack.Comment : "")}".TrimEnd();
}
