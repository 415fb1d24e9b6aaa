using System.Globalization;

namespace TrainingMonitor.Cli.Rendering;

/// <summary>Numbers for people: three significant digits.</summary>
internal static class Numbers
{
    private static readonly (double Scale, string Suffix)[] Suffixes = [(1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")];

    /// <summary>"0.0123", "1.23", "45.6K", "1.2e-05", "–" where there is none.</summary>
    public static string Short(double? value)
    {
        if (value is not { } number || double.IsNaN(number))
        {
            return "–";
        }

        if (double.IsInfinity(number))
        {
            return number > 0 ? "∞" : "-∞";
        }

        var size = Math.Abs(number);
        if (size is 0)
        {
            return "0";
        }

        if (size is < 1e-3 or >= 999.5e12)
        {
            return number.ToString("0.##e+00", CultureInfo.InvariantCulture);
        }

        foreach (var (scale, suffix) in Suffixes)
        {
            if (size >= 0.9995 * scale && size >= 9_999.5)
            {
                return Digits(number / scale) + suffix;
            }
        }

        return Digits(number);
    }

    /// <summary>"12 s", "3 min 20 s", "2 h 5 min", "4 d".</summary>
    public static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 60 } => $"{Math.Max(0, (int)time.TotalSeconds)} s",
        { TotalHours: < 1 } => $"{time.Minutes} min {time.Seconds} s",
        { TotalDays: < 1 } => $"{time.Hours} h {time.Minutes} min",
        _ => $"{(int)time.TotalDays} d",
    };

    private static string Digits(double number)
    {
        var size = Math.Abs(number);
        var format = size >= 99.95 ? "0" : size >= 9.995 ? "0.0" : size >= 0.9995 ? "0.00" : size >= 0.09995 ? "0.000" : size >= 0.009995 ? "0.0000" : "0.00000";
        return number.ToString(format, CultureInfo.InvariantCulture);
    }
}
