using Akka.Actor;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Runs.Series;

/// <summary>A write on its way, and the actor that waits for it.</summary>
internal sealed record SeriesWrite(RunWrites Writes, IActorRef Owner);
