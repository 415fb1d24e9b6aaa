using Spectre.Console;

namespace TrainingMonitor.Cli.Tests.Support;

/// <summary>Runs the command line in this process with captured output.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Error)
{
    public static async Task<CliRun> OfAsync(string[] arguments, Action<Dictionary<string, string>>? environment = null, CancellationToken stop = default)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        environment?.Invoke(variables);
        var exit = await TrainmonCommand.RunAsync(Context(output, error, variables), arguments, stop);
        return new CliRun(exit, Lines(output), Lines(error));
    }

    public static CliContext Context(TextWriter output, TextWriter error, IReadOnlyDictionary<string, string> variables) => new()
    {
        Console = Console(output),
        Output = output,
        Error = error,
        Variable = name => variables.TryGetValue(name, out var value) ? value : null,
    };

    public static IAnsiConsole Console(TextWriter output, int width = 120)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = width;
        return console;
    }

    /// <summary>What a renderable looks like without colours.</summary>
    public static string Draw(Spectre.Console.Rendering.IRenderable picture, int width = 120)
    {
        var output = new StringWriter();
        Console(output, width).Write(picture);
        return Lines(output);
    }

    private static string Lines(StringWriter writer) =>
        string.Join('\n', writer.ToString().ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd())).Trim('\n');
}
