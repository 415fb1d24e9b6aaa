using Akka.Actor;
using Akka.Hosting;
using TrainingMonitor.Runs.Actors;
using TrainingMonitor.Runs.Homes;
using TrainingMonitor.Runs.Recovery;

namespace TrainingMonitor.Runs.Hosting;

/// <summary>The run actors as a part of an actor system.</summary>
internal static class RunsHosting
{
    // Standard output belongs to the program around, and its exit is its own affair.
    private const string Settings = """
        akka.stdout-loglevel = OFF
        akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
        """;

    /// <summary>Adds the supervisor and the writer of series; the supervisor is registered under its type.</summary>
    public static AkkaConfigurationBuilder WithRuns(this AkkaConfigurationBuilder builder, NodeContext node, EmbeddedHome home, IReadOnlyList<RecoveredRun> recovered) =>
        builder.AddHocon(Settings, HoconAddMode.Prepend).WithActors((system, registry) =>
        {
            node.Writer.Start(Akka.Streams.ActorMaterializerExtensions.Materializer(system));
            registry.Register<RunsSupervisor>(system.ActorOf(Props.Create(() => new RunsSupervisor(node, home, recovered)), "runs"));
        });
}
