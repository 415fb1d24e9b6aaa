using System.Text.Json;

namespace TrainingMonitor.Attach.Staging;

/// <summary>Puts the Python code and its configuration into a folder that the training process can read.</summary>
public static class PayloadFolder
{
    private const string Package = "trainmon";

    /// <summary>The payload beside this program.</summary>
    public static string Source { get; } = Path.Combine(AppContext.BaseDirectory, "payload", Package);

    /// <summary>Copies the package.</summary>
    /// <param name="folder">As this process sees it.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void CopyPackage(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(Source, "*.py", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder, Package, Path.GetRelativePath(Source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    /// <summary>Writes the configuration.</summary>
    public static void Write(string folder, PayloadConfiguration configuration) =>
        File.WriteAllText(Path.Combine(folder, "configuration.json"), JsonSerializer.Serialize(configuration, PayloadJson.Default.PayloadConfiguration));

    /// <summary>Writes the file that a running process is to run.</summary>
    /// <param name="folder">As this process sees it.</param>
    /// <param name="inner">The same folder as the training process sees it.</param>
    /// <returns>The file as the training process sees it.</returns>
    public static string WriteBoot(string folder, string inner)
    {
        var text = File.ReadAllText(Path.Combine(Source, "_attach", "boot.py"))
            .Replace("@FOLDER@", inner, StringComparison.Ordinal)
            .Replace("@PACKAGE@", "_" + Path.GetFileName(inner).Replace('-', '_'), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder, "boot.py"), text);
        return $"{inner}/boot.py";
    }

    /// <summary>Writes the folder that goes first on a starting program's PYTHONPATH.</summary>
    /// <returns>The folder.</returns>
    public static string WriteStart(string folder)
    {
        var start = Path.Combine(folder, "start");
        Directory.CreateDirectory(start);
        File.Copy(Path.Combine(Source, "_launch", "sitecustomize.py"), Path.Combine(start, "sitecustomize.py"));
        return start;
    }
}
