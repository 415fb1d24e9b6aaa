using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using TrainingMonitor.Cli.Json;

namespace TrainingMonitor.Cli.Commands;

/// <summary><c>trainmon version</c>.</summary>
internal static class VersionCommand
{
    /// <summary>Version of the wire protocol this command speaks.</summary>
    public const int Protocol = 1;

    /// <summary>Version of this command, without the build's commit.</summary>
    public static string Version { get; } =
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>Makes the command.</summary>
    public static Command Create(CliContext context)
    {
        var json = CommonOptions.Json();
        var command = new Command("version", "Say which version this is.") { json };
        command.SetAction(parsed =>
        {
            var version = new VersionJson(Version, Protocol, RuntimeInformation.FrameworkDescription, $"{RuntimeInformation.OSDescription} {RuntimeInformation.OSArchitecture}");
            if (parsed.GetValue(json))
            {
                CliJson.Write(context.Output, version);
            }
            else
            {
                context.Output.WriteLine($"trainmon {version.Version} (protocol {version.Protocol}, {version.Runtime}, {version.System})");
            }

            return ExitCodes.Ok;
        });
        return command;
    }
}
