using System.CommandLine;
using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Cli.Json;

namespace TrainingMonitor.Cli.Commands;

/// <summary><c>trainmon notify test|list</c>.</summary>
internal static class NotifyCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(CliContext context, ConnectionOptions connection)
    {
        var command = new Command("notify", "Try out and look at the receivers of alerts.");
        command.Add(Test(context, connection));
        command.Add(List(context, connection));
        return command;
    }

    private static Command Test(CliContext context, ConnectionOptions connection)
    {
        var to = new Option<string?>("--to") { Description = "Only this receiver (default: all)." };
        var json = CommonOptions.Json();
        var command = new Command("test", "Send a test to the receivers, past routes and silences; exit code 1 where one does not take it.") { to, json };
        command.SetAction((parsed, stop) => Guarded.RunAsync(context, async () =>
        {
            using var http = new HttpDownload(connection.Locate(context, parsed));
            var results = (await http.AskAsync(HttpMethod.Post, Address.Of("/api/v1/notifications/test", ("to", parsed.GetValue(to))), ServerAnswers.Default.TestAnswer, stop)).Results;
            if (parsed.GetValue(json))
            {
                CliJson.Write(context.Output, results);
            }
            else
            {
                foreach (var result in results)
                {
                    context.Output.WriteLine($"{result.Receiver} ({result.Kind}): {(result.Delivered ? "delivered" : "not delivered: " + result.Message)}");
                }
            }

            return results.All(result => result.Delivered) ? ExitCodes.Ok : ExitCodes.Failure;
        }));
        return command;
    }

    private static Command List(CliContext context, ConnectionOptions connection)
    {
        var json = CommonOptions.Json();
        var command = new Command("list", "List the receivers and how they are doing.") { json };
        command.SetAction((parsed, stop) => Guarded.RunAsync(context, async () =>
        {
            using var http = new HttpDownload(connection.Locate(context, parsed));
            var receivers = (await http.AskAsync(HttpMethod.Get, "/api/v1/notifications", ServerAnswers.Default.ReceiversAnswer, stop)).Receivers;
            if (parsed.GetValue(json))
            {
                CliJson.Write(context.Output, receivers);
                return ExitCodes.Ok;
            }

            foreach (var r in receivers)
            {
                context.Output.WriteLine(
                    $"{r.Name} ({r.Kind}): {r.Sent} sent, {r.Waiting} waiting, {r.Failed} refused, {r.Dropped} given up, {r.Silenced} silenced{(r.LastError.Length > 0 ? $"; newest attempt: {r.LastError}" : "")}");
            }

            return ExitCodes.Ok;
        }));
        return command;
    }
}
