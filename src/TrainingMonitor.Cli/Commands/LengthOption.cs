using System.CommandLine;
using System.Globalization;

namespace TrainingMonitor.Cli.Commands;

/// <summary>An option that is a length of time: "90s", "30m", "2h", "7d".</summary>
internal static class LengthOption
{
    /// <summary>Makes it.</summary>
    public static Option<string?> Create(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var given, ..] && Minutes(given.Value) is null)
            {
                result.AddError($"{name} needs a length such as 30m, 2h or 7d, not '{given.Value}'");
            }
        });
        return option;
    }

    /// <summary>Minutes, for the server; null: not a length.</summary>
    public static string? Minutes(string text)
    {
        if (text.Length < 2 || !double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number <= 0)
        {
            return null;
        }

        double? factor = text[^1] switch { 's' => 1.0 / 60, 'm' => 1, 'h' => 60, 'd' => 1440, _ => null };
        return factor is null ? null : (number * factor.Value).ToString(CultureInfo.InvariantCulture);
    }
}
