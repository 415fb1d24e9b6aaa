using System.Globalization;

namespace TrainingMonitor.Notifications.Work;

/// <summary>Addresses of runs' pages.</summary>
internal static class Pages
{
    /// <summary>"{0}" stands for the escaped run id; no format, no page.</summary>
    public static string Of(string format, string run) => format.Length == 0 ? "" : string.Format(CultureInfo.InvariantCulture, format, Uri.EscapeDataString(run));
}
