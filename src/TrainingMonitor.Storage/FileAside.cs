using System.Globalization;

namespace TrainingMonitor.Storage;

/// <summary>Keeps damaged files for a person to look at.</summary>
internal static class FileAside
{
    /// <summary>Renames a file and its companions to "…corrupt-&lt;UTC time&gt;"; returns the new name of the file.</summary>
    public static string Move(string path, TimeProvider time, params ReadOnlySpan<string> companions)
    {
        var stem = path + ".corrupt-" + time.GetUtcNow().ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture);
        var target = stem;
        for (var i = 2; File.Exists(target); i++)
        {
            target = string.Create(CultureInfo.InvariantCulture, $"{stem}-{i}");
        }

        foreach (var companion in companions)
        {
            if (File.Exists(path + companion))
            {
                File.Move(path + companion, target + companion);
            }
        }

        if (File.Exists(path))
        {
            File.Move(path, target);
        }

        return target;
    }
}
