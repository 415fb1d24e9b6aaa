using Grpc.Core;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Runs.State;

/// <summary>What a Hello leads to.</summary>
/// <param name="Attempt">Attempt it belongs to.</param>
/// <param name="ResumeAfter">Sequence the trainer continues after.</param>
/// <param name="Log">What has to be logged and applied first; null: a plain reconnect, which changes nothing.</param>
/// <param name="Refusal">Why it is refused; null: it is not.</param>
public readonly record struct OpenDecision(int Attempt, ulong ResumeAfter, Opened? Log, Status? Refusal);
