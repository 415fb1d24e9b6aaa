using System.CommandLine;
using TrainingMonitor.Attach.Staging;
using TrainingMonitor.Cli.Commands;
using TrainingMonitor.Client;

namespace TrainingMonitor.Cli.Attaching;

/// <summary>What <c>attach</c> and <c>run</c> both ask for.</summary>
internal sealed class PayloadOptions
{
    private readonly Option<string?> runId = new("--run-id") { Description = "Run id (default: TRAINMON_RUN_ID, else made of time and a random part)." };
    private readonly Option<string?> project = new("--project") { Description = "Project (default: TRAINMON_PROJECT, else default)." };
    private readonly Option<string?> name = new("--name") { Description = "Name for display (default: the run id)." };
    private readonly Option<double?> budget = NumberOption.Positive("--budget", "Share of the step time that watching may cost (default: 0.01).");
    private readonly Option<int?> pairs = NumberOption.Whole("--pair-interval", 1, 1 << 16, "Look at two steps in a row every so many steps, 1: at each (default: by the budget).");
    private readonly Option<int?> exact = NumberOption.Whole("--exact-interval", 0, 1 << 16, "Sums over single examples every so many steps, 0: never (default: by the budget).");

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[runId, project, name, budget, pairs, exact])
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetValue(budget) > 1)
            {
                result.AddError($"--budget needs a share of at most 1, not '{result.GetValue(budget)}'");
            }
        });
    }

    /// <summary>What was asked for.</summary>
    /// <param name="context">Environment and clock.</param>
    /// <param name="parsed">The command line.</param>
    /// <param name="socket">The relay's socket, as the training process sees it.</param>
    /// <param name="secret">Its secret.</param>
    public PayloadConfiguration Read(CliContext context, ParseResult parsed, string socket, string secret) => new()
    {
        Socket = socket,
        Secret = secret,
        RunId = parsed.GetValue(runId) ?? NonEmpty(context.Variable("TRAINMON_RUN_ID")) ?? RunIds.New(context.Time),
        Project = parsed.GetValue(project) ?? NonEmpty(context.Variable("TRAINMON_PROJECT")),
        RunName = parsed.GetValue(name) ?? NonEmpty(context.Variable("TRAINMON_RUN_NAME")),
        Budget = parsed.GetValue(budget) ?? 0.01,
        PairInterval = parsed.GetValue(pairs),
        ExactInterval = parsed.GetValue(exact),
    };

    private static string? NonEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
