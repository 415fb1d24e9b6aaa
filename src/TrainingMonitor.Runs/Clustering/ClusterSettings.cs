using System.Globalization;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.DistributedData;
using TrainingMonitor.Runs.Clustering.Serialization;

namespace TrainingMonitor.Runs.Clustering;

/// <summary>The actor system's settings on a node of a cluster.</summary>
internal static class ClusterSettings
{
    // Beside the frame a detail of a run may travel whole; what is larger than a frame may be is asked of the store.
    private const int Slack = 1 << 20;

    public const string RunsRole = "runs";

    public static Config Of(ClusterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var bindings = string.Join('\n', MessageForms.All.Select(form => $"\"{form.Type.FullName}, {form.Type.Assembly.GetName().Name}\" = trainmon"));
        return ConfigurationFactory.ParseString(string.Create(CultureInfo.InvariantCulture, $$"""
            akka {
              stdout-loglevel = OFF
              stdout-logger-class = "{{typeof(SilentLogger).FullName}}, {{typeof(SilentLogger).Assembly.GetName().Name}}"
              coordinated-shutdown {
                run-by-clr-shutdown-hook = off
                exit-clr = off
                phases.cluster-sharding-shutdown-region.timeout = {{options.LeaveTimeout.TotalSeconds}}s
              }
              actor {
                provider = cluster
                serializers.trainmon = "{{typeof(ClusterSerializer).FullName}}, {{typeof(ClusterSerializer).Assembly.GetName().Name}}"
                serialization-bindings {
                  {{bindings}}
                }
              }
              remote {
                log-remote-lifecycle-events = off
                dot-netty.tcp {
                  hostname = "{{(options.Bind.Length > 0 ? options.Bind : options.Host)}}"
                  public-hostname = "{{options.Host}}"
                  port = {{(options.BindPort > 0 ? options.BindPort : options.Port)}}
                  {{(options.BindPort > 0 ? $"public-port = {options.Port}" : "")}}
                  maximum-frame-size = {{options.MaxFrameBytes + Slack}}b
                  send-buffer-size = {{options.MaxFrameBytes + Slack}}b
                  receive-buffer-size = {{options.MaxFrameBytes + Slack}}b
                }
              }
              cluster {
                roles = [{{(options.HasRuns ? RunsRole : "")}}]
                shutdown-after-unsuccessful-join-seed-nodes = off
                # By itself it is stable-after again, so that the removed node has stopped before its runs start elsewhere. Here a run's epoch sees to that.
                down-removal-margin = 500ms
                downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
                split-brain-resolver {
                  active-strategy = keep-majority
                  stable-after = {{options.StableAfterSeconds}}s
                  down-all-when-unstable = off
                }
                failure-detector {
                  heartbeat-interval = 0.5s
                  acceptable-heartbeat-pause = {{options.HeartbeatPauseSeconds}}s
                }
                distributed-data.durable.keys = []
                sharding {
                  role = {{RunsRole}}
                  state-store-mode = ddata
                  remember-entities = off
                  passivate-idle-entity-after = off
                  buffer-size = 20000
                  retry-interval = 1s
                  rebalance-interval = 5s
                  handoff-timeout = {{options.LeaveTimeout.TotalSeconds}}s
                  distributed-data.durable.keys = []
                  least-shard-allocation-strategy {
                    rebalance-absolute-limit = 20
                    rebalance-relative-limit = 0.2
                  }
                }
              }
            }
            """))
            // Here, and not when the first of them starts: a node that is there already may speak to this one before.
            .WithFallback(ClusterSharding.DefaultConfig())
            .WithFallback(DistributedPubSub.DefaultConfig())
            .WithFallback(ClusterSingleton.DefaultConfig())
            .WithFallback(DistributedData.DefaultConfig());
    }
}
