using System.CommandLine;
using System.Globalization;

namespace TrainingMonitor.Cli.Commands;

/// <summary>Options that take a number; a mistake is one sentence that names the option, the numbers it takes and what was given.</summary>
internal static class NumberOption
{
    /// <summary>A whole number; null where the option is not given.</summary>
    public static Option<int?> Whole(string name, int least, int most, string description) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            {
                return number;
            }

            result.AddError($"{name} needs a whole number {(most == int.MaxValue ? $"from {least}" : $"between {least} and {most}")}, not '{text}'");
            return null;
        },
    };

    /// <summary>A finite number above 0; null where the option is not given.</summary>
    public static Option<double?> Positive(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number > 0 && double.IsFinite(number))
            {
                return number;
            }

            result.AddError($"{name} needs a number above 0, not '{text}'");
            return null;
        },
    };
}
