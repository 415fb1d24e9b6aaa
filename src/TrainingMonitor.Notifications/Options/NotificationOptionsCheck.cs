using System.ComponentModel.DataAnnotations;

namespace TrainingMonitor.Notifications.Options;

/// <summary>What is wrong with a configuration, all at once, each with the path of its field.</summary>
internal static class NotificationOptionsCheck
{
    private const int LongestName = 64;

    public static IEnumerable<string> Problems(NotificationOptions options, Func<string, string?> variable)
    {
        foreach (var problem in Ranges(options, ""))
        {
            yield return problem;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < options.Receivers.Count; i++)
        {
            var (receiver, path) = (options.Receivers[i], $"receivers[{i}]");
            foreach (var problem in Receiver(receiver, path, variable))
            {
                yield return problem;
            }

            if (!names.Add(receiver.Name))
            {
                yield return $"{path}.name: there is another receiver \"{receiver.Name}\".";
            }
        }

        for (var i = 0; i < options.Routes.Count; i++)
        {
            var (route, path) = (options.Routes[i], $"routes[{i}]");
            for (var k = 0; k < route.Receivers.Count; k++)
            {
                if (!names.Contains(route.Receivers[k]))
                {
                    yield return $"{path}.receivers[{k}]: there is no receiver \"{route.Receivers[k]}\".";
                }
            }

            for (var k = 0; k < route.Severities.Count; k++)
            {
                if (route.Severities[k] is not ("info" or "warning" or "critical"))
                {
                    yield return $"{path}.severities[{k}]: \"{route.Severities[k]}\" is not info, warning or critical.";
                }
            }
        }
    }

    private static IEnumerable<string> Receiver(ReceiverOptions receiver, string path, Func<string, string?> variable)
    {
        if (receiver.Name.Length is 0 or > LongestName || !receiver.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            yield return $"{path}.name: must be 1 to {LongestName} letters, digits, '-', '_' or '.'.";
        }

        if (!ReceiverKinds.All.Contains(receiver.Kind, StringComparer.Ordinal))
        {
            yield return $"{path}.kind: \"{receiver.Kind}\" is no kind; there are {string.Join(", ", ReceiverKinds.All)}.";
            yield break;
        }

        foreach (var problem in Ranges(receiver, path + ".").Concat(Place(receiver, path)))
        {
            yield return problem;
        }

        var needs = receiver.Kind is ReceiverKinds.Slack or ReceiverKinds.Discord or ReceiverKinds.PagerDuty;
        var secret = Secret.Read(receiver, variable, out var wrong);
        if (wrong is not null)
        {
            yield return $"{path}.{wrong}";
        }
        else if (needs && secret.Length == 0)
        {
            yield return $"{path}.secretFile: is missing: name a file or (secretVariable) an environment variable with {Secret.Meaning(receiver.Kind)}.";
        }
        else if (receiver.Kind is ReceiverKinds.Slack or ReceiverKinds.Discord && !IsAddress(secret))
        {
            yield return $"{path}.{Secret.Field(receiver)}: does not hold an http or https address.";
        }
    }

    private static IEnumerable<string> Place(ReceiverOptions receiver, string path)
    {
        switch (receiver.Kind)
        {
            case ReceiverKinds.Command when !Path.IsPathFullyQualified(receiver.Program):
                yield return $"{path}.program: must be the full path of a program.";
                break;
            case ReceiverKinds.Command when !File.Exists(receiver.Program):
                yield return $"{path}.program: there is no file {receiver.Program}.";
                break;
            case ReceiverKinds.Slack or ReceiverKinds.Discord when receiver.Url.Length > 0:
                yield return $"{path}.url: whoever has this address can write to the channel: name a file (secretFile) or a variable (secretVariable) that holds it.";
                break;
            case ReceiverKinds.Alertmanager or ReceiverKinds.Webhook when !IsAddress(receiver.Url):
            case ReceiverKinds.PagerDuty when receiver.Url.Length > 0 && !IsAddress(receiver.Url):
                yield return $"{path}.url: must be an http or https address without user and password.";
                break;
            case ReceiverKinds.Command when receiver.Url.Length > 0:
                yield return $"{path}.url: a command has none.";
                break;
        }
    }

    private static bool IsAddress(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0;

    private static IEnumerable<string> Ranges(object options, string path)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        return results.Select(result =>
        {
            var name = result.MemberNames.First();
            return $"{path}{char.ToLowerInvariant(name[0])}{name[1..]}: {result.ErrorMessage}";
        });
    }
}
