using TrainingMonitor.Cli.Rendering;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Relay;

namespace TrainingMonitor.Cli.Attaching;

/// <summary>Says on standard error what happens, so that a program's own output stays its own.</summary>
internal sealed class ConsoleVoice(CliContext context) : IRelayObserver
{
    private readonly Lock gate = new();
    private readonly HashSet<string> shown = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public void Connected(Hello hello) => Say($"run {hello.RunId}{Rank(hello)} is watched");

    /// <inheritdoc/>
    public void Welcomed(Hello hello, Welcome welcome)
    {
        if (welcome.Page.Length > 0)
        {
            Once($"page {welcome.Page}", welcome.Page);
        }
    }

    /// <inheritdoc/>
    public void Stepped(Hello hello, ulong step)
    {
    }

    // Every rank hears of each alert.
    /// <inheritdoc/>
    public void Alerted(Hello hello, Alert alert) => Once($"{alert.Id} {alert.Ordinal} {alert.State}", AlertLine.Text(alert));

    /// <inheritdoc/>
    public void Ended(Hello hello, bool goodbye)
    {
        if (!goodbye)
        {
            Say($"run {hello.RunId}{Rank(hello)} ended without a goodbye");
        }
    }

    /// <inheritdoc/>
    public void TurnedAway(string reason) => Say($"a connection was turned away: {reason}");

    /// <summary>A sentence.</summary>
    public void Say(string sentence)
    {
        lock (gate)
        {
            context.Error.WriteLine($"training monitor: {sentence}");
        }
    }

    private static string Rank(Hello hello) => hello.WorldSize > 1 ? $" rank {hello.Rank}" : "";

    private void Once(string what, string sentence)
    {
        lock (gate)
        {
            if (!shown.Add(what))
            {
                return;
            }
        }

        Say(sentence);
    }
}
