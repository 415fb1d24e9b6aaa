namespace TrainingMonitor.Notifications.Options;

/// <summary>The secret of a receiver, from its file or environment variable.</summary>
internal static class Secret
{
    private const int Longest = 4096;

    /// <summary>The field that names it.</summary>
    public static string Field(ReceiverOptions receiver) => receiver.SecretFile.Length > 0 ? "secretFile" : "secretVariable";

    /// <summary>What it is, in words.</summary>
    public static string Meaning(string kind) => kind switch
    {
        ReceiverKinds.PagerDuty => "the routing key of the integration",
        ReceiverKinds.Slack or ReceiverKinds.Discord => "the address of the webhook",
        _ => "the bearer token",
    };

    /// <summary>The secret; empty: none is named. Where it cannot be had, <paramref name="wrong"/> says why, beginning with the field.</summary>
    public static string Read(ReceiverOptions receiver, Func<string, string?> variable, out string? wrong)
    {
        wrong = null;
        if (receiver.SecretFile.Length > 0 && receiver.SecretVariable.Length > 0)
        {
            wrong = "secretFile: give either secretFile or secretVariable.";
            return "";
        }

        var text = "";
        if (receiver.SecretVariable.Length > 0)
        {
            text = variable(receiver.SecretVariable)?.Trim() ?? "";
            wrong = text.Length == 0 ? $"secretVariable: the environment variable {receiver.SecretVariable} is not set." : null;
        }
        else if (receiver.SecretFile.Length > 0)
        {
            text = OfFile(receiver.SecretFile, out wrong);
        }

        if (wrong is null && (text.Length > Longest || text.AsSpan().ContainsAnyExceptInRange('!', '~')))
        {
            wrong = $"{Field(receiver)}: must hold one line of printable ASCII without spaces.";
        }

        return wrong is null ? text : "";
    }

    private static string OfFile(string path, out string? wrong)
    {
        wrong = null;
        try
        {
            var text = new FileInfo(path).Length > Longest * 2 ? new string('x', Longest + 1) : File.ReadAllText(path).Trim();
            wrong = text.Length == 0 ? $"secretFile: {path} is empty." : null;
            return text;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            wrong = $"secretFile: {path} cannot be read: {error.Message}";
            return "";
        }
    }
}
