using TrainingMonitor.Cli.Rendering;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Relay;

namespace TrainingMonitor.Cli.Attaching;

/// <summary>Follows the one connection of an agent.</summary>
internal sealed class AgentVoice(AgentLog log) : IRelayObserver
{
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The process has connected.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>It has said goodbye, or is gone, and everything is delivered.</summary>
    public bool HasEnded => ended.Task.IsCompleted;

    /// <summary>Completes then.</summary>
    public Task Ended => ended.Task;

    /// <inheritdoc/>
    public void Connected(Hello hello)
    {
        IsConnected = true;
        log.Write($"process {hello.ProcessId} is connected as run {hello.RunId}");
    }

    /// <inheritdoc/>
    public void Welcomed(Hello hello, Welcome welcome) => log.Write($"{welcome.Server} takes run {hello.RunId}: {welcome.Page}");

    /// <inheritdoc/>
    public void Stepped(Hello hello, ulong step)
    {
    }

    /// <inheritdoc/>
    public void Alerted(Hello hello, Alert alert) => log.Write(AlertLine.Text(alert));

    /// <inheritdoc/>
    public void TurnedAway(string reason) => log.Write($"a connection was turned away: {reason}");

    /// <inheritdoc/>
    void IRelayObserver.Ended(Hello hello, bool goodbye)
    {
        log.Write($"run {hello.RunId} has ended{(goodbye ? "" : " without a goodbye")}");
        ended.TrySetResult();
    }
}
