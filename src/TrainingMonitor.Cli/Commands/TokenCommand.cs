using System.CommandLine;
using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Cli.Json;

namespace TrainingMonitor.Cli.Commands;

/// <summary><c>trainmon token create|list|revoke</c>.</summary>
internal static class TokenCommand
{
    private const string Tokens = "/api/v1/tokens";

    /// <summary>Makes the command.</summary>
    public static Command Create(CliContext context, ConnectionOptions connection)
    {
        var command = new Command("token", "Tokens for trainers, people and programs; needs the scope admin for all projects, which the server's own token has.");
        command.Add(Make(context, connection));
        command.Add(List(context, connection));
        command.Add(Revoke(context, connection));
        return command;
    }

    private static Command Make(CliContext context, ConnectionOptions connection)
    {
        var name = Name();
        var scopes = new Option<string[]>("--scope") { Description = "What it may do: ingest, read, admin; several times or with commas.", Required = true, AllowMultipleArgumentsPerToken = true };
        scopes.CompletionSources.Add("ingest", "read", "admin");
        var projects = new Option<string[]>("--project") { Description = "Only in this project; several times for more (default: in all).", AllowMultipleArgumentsPerToken = true };
        var expires = LengthOption.Create("--expires", "How long it is good, such as 12h or 90d (default: until it is revoked).");
        var json = CommonOptions.Json();
        var command = new Command("create", "Make a token and show it, once.") { name, scopes, projects, expires, json };
        command.SetAction((parsed, stop) => Guarded.RunAsync(context, async () =>
        {
            using var http = new HttpDownload(connection.Locate(context, parsed));
            var made = await http.AskAsync(
                HttpMethod.Post,
                Address.Of(
                    Tokens,
                    ("name", parsed.GetRequiredValue(name)), ("scopes", string.Join(',', parsed.GetValue(scopes) ?? [])), ("projects", string.Join(',', parsed.GetValue(projects) ?? [])),
                    ("minutes", parsed.GetValue(expires) is { } length ? LengthOption.Minutes(length) : null)),
                ServerAnswers.Default.TokenJson,
                stop);
            if (parsed.GetValue(json))
            {
                CliJson.Write(context.Output, made);
                return ExitCodes.Ok;
            }

            // The token alone on standard output, so that it can be piped to where it belongs.
            context.Output.WriteLine(made.Token);
            await context.Error.WriteLineAsync($"{Line(made)}. It is shown this once; the server keeps only its hash.");
            return ExitCodes.Ok;
        }));
        return command;
    }

    private static Command List(CliContext context, ConnectionOptions connection)
    {
        var json = CommonOptions.Json();
        var command = new Command("list", "List the tokens: names and rights, never the tokens.") { json };
        command.SetAction((parsed, stop) => Guarded.RunAsync(context, async () =>
        {
            using var http = new HttpDownload(connection.Locate(context, parsed));
            var tokens = (await http.AskAsync(HttpMethod.Get, Tokens, ServerAnswers.Default.TokensAnswer, stop)).Tokens;
            if (parsed.GetValue(json))
            {
                CliJson.Write(context.Output, tokens);
                return ExitCodes.Ok;
            }

            context.Output.WriteLine(tokens.Count == 0 ? "No tokens but the server's own." : string.Join(Environment.NewLine, tokens.Select(Line)));
            return ExitCodes.Ok;
        }));
        return command;
    }

    private static Command Revoke(CliContext context, ConnectionOptions connection)
    {
        var name = Name();
        var command = new Command("revoke", "End a token, and every stream that runs on it.") { name };
        command.SetAction((parsed, stop) => Guarded.RunAsync(context, async () =>
        {
            using var http = new HttpDownload(connection.Locate(context, parsed));
            var gone = await http.AskAsync(HttpMethod.Delete, $"{Tokens}/{Uri.EscapeDataString(parsed.GetRequiredValue(name))}", ServerAnswers.Default.RemovedAnswer, stop);
            context.Output.WriteLine($"Token {gone.Removed} is revoked.");
            return ExitCodes.Ok;
        }));
        return command;
    }

    private static Argument<string> Name() => new("NAME") { Description = "Name of the token: letters, digits, '-', '_', '.'." };

    private static string Line(TokenJson token)
    {
        var where = token.Projects is { Count: > 0 } projects ? string.Join(',', projects) : "all projects";
        var until = token.Expires is { } end ? $"  {(token.Over ? "ended" : "until")} {end.ToLocalTime():yyyy-MM-dd HH:mm}" : "";
        return $"{token.Name}  {token.Scopes}  {where}{until}";
    }
}
