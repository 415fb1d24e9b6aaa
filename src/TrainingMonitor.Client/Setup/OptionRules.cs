using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Protocol.Validation;

namespace TrainingMonitor.Client.Setup;

/// <summary>What options may say. Wrong options turn the client off; they never end a training run.</summary>
internal static class OptionRules
{
    /// <summary>Null, or the first wrong option in words.</summary>
    public static string? Problem(ClientOptions options, Hello hello)
    {
        if (AllOf(options).Where(server => server is not { IsAbsoluteUri: true, Scheme: "http" or "https" }).Take(1).ToList() is [var strange])
        {
            return $"Server is \"{strange}\", an address such as http://127.0.0.1:4650 is wanted";
        }

        if (options.MemoryBytes < 64 << 10)
        {
            return $"MemoryBytes is {options.MemoryBytes}, at least 64 KiB are wanted";
        }

        if (options.SpillBytes < 0)
        {
            return $"SpillBytes is {options.SpillBytes}, 0 or more is wanted";
        }

        if (options.ExitTimeout < TimeSpan.Zero || options.ExitTimeout > TimeSpan.FromMinutes(10))
        {
            return $"ExitTimeout is {options.ExitTimeout}, between 0 and 10 minutes is wanted";
        }

        if (options.BatchDelay < TimeSpan.Zero || options.BatchDelay > TimeSpan.FromSeconds(10))
        {
            return $"BatchDelay is {options.BatchDelay}, between 0 and 10 s is wanted";
        }

        if (options.BatchBytes is < 1024 or > 2 << 20)
        {
            return $"BatchBytes is {options.BatchBytes}, between 1 KiB and 2 MiB is wanted";
        }

        if (options.Token is { } token && token.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return "Token holds a character that is not printable ASCII";
        }

        if (options is { Token: not null, AllowPlainToken: not true } && AllOf(options).FirstOrDefault(server => !TokenSource.IsSafe(server!)) is { } open)
        {
            return $"the token would cross the network to {open} in plain text: use https, an SSH tunnel to this machine, or say AllowPlainToken (TRAINMON_PLAIN_TOKEN=1)";
        }

        try
        {
            _ = new ClientTlsFiles(options.CaFile, options.ClientCertificate, options.ClientKey).Read();
        }
        catch (InvalidOperationException unusable)
        {
            return $"CaFile, ClientCertificate, ClientKey: {unusable.Message}";
        }

        return new FrameValidator(FrameLimits.Default).Validate(new TrainerFrame { Hello = hello }) is { } error ? error.ToString() : null;
    }

    private static IEnumerable<Uri?> AllOf(ClientOptions options) => options.OtherServers.Prepend(options.Server);
}
