using System.Globalization;
using Spectre.Console;
using TrainingMonitor.Cli.Json;
using TrainingMonitor.Cli.Rendering;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Tail;

/// <summary>What <c>tail</c> says: sentences for people on the console, or one JSON document a line; never both.</summary>
internal sealed class TailVoice(CliContext context, bool json)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly HashSet<string> said = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private long spokeAt;
    private (long Steps, long Scalars) spoken;

    /// <summary>A sentence, once.</summary>
    public void Once(string sentence)
    {
        lock (gate)
        {
            if (!said.Add(sentence))
            {
                return;
            }

            if (json)
            {
                context.Error.WriteLine(sentence);
            }
            else
            {
                context.Console.MarkupLine(Markup.Escape(sentence));
            }
        }
    }

    /// <summary>An alert of the run.</summary>
    public void Alert(Alert alert)
    {
        lock (gate)
        {
            if (!json)
            {
                context.Console.MarkupLine(AlertLine.Markup(alert, withRun: false));
            }
        }
    }

    /// <summary>How far it is; not more often than every ten seconds, and only where something is new.</summary>
    public void Progress(TailJson now, bool last)
    {
        lock (gate)
        {
            var due = spokeAt == 0 || context.Time.GetElapsedTime(spokeAt) >= Pause;
            if (!last && (!due || (now.Steps, now.Scalars) == spoken))
            {
                return;
            }

            (spokeAt, spoken) = (context.Time.GetTimestamp(), (now.Steps, now.Scalars));
            if (json)
            {
                CliJson.WriteLine(context.Output, now);
            }
            else
            {
                context.Console.MarkupLine(Markup.Escape(Sentence(now)));
            }
        }
    }

    private static string Sentence(TailJson now)
    {
        var step = now.LastStep is { } newest ? string.Create(CultureInfo.InvariantCulture, $"step {newest}, ") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{now.RunId}: {step}{now.Steps} steps and {now.Scalars} other numbers sent.");
    }
}
