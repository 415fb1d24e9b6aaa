using Akka.Actor;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Runs.Series;

/// <summary>A write on its way, and the actor that waits for it.</summary>
/// <param name="Writes">What is to be written.</param>
/// <param name="Points">How many points it weighs.</param>
/// <param name="Owner">Is told once it is committed.</param>
internal sealed record SeriesWrite(RunWrites Writes, int Points, IActorRef Owner);
