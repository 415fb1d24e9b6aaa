using System.Reflection;
using TrainingMonitor.Client.Buffering;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Protocol.Validation;

namespace TrainingMonitor.Client.Setup;

/// <summary>The Hello of this process, without the sequences, which each connection fills in.</summary>
internal static class HelloMaker
{
    private static readonly string Version =
        typeof(HelloMaker).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>Makes it from filled options.</summary>
    public static Hello Make(ClientOptions options)
    {
        var process = options.Process ?? new(Guid.NewGuid().ToString("N"), $"trainmon-dotnet/{Version}", Environment.MachineName, Environment.ProcessId);
        var hello = new Hello
        {
            ProtocolVersion = FrameValidator.ProtocolVersion,
            RunId = options.RunId,
            Project = options.Project,
            RunName = options.RunName,
            ClientStartId = process.ClientStartId,
            Rank = (uint)Math.Max(options.Rank ?? 0, 0),
            WorldSize = (uint)Math.Max(options.WorldSize ?? 1, 0),
            Description = options.Description.Clone(),
            Client = process.Client,
            Host = process.Host,
            ProcessId = (uint)Math.Max(process.ProcessId, 0),
            TimeUnixNs = Stamps.Now(options.Time),
        };
        if (options.RestartCount is >= 0 and var count)
        {
            hello.RestartCount = (uint)count;
        }

        return hello;
    }
}
