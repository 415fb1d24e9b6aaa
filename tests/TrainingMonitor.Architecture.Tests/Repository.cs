using System.Xml.Linq;

namespace TrainingMonitor.Architecture.Tests;

/// <summary>The files of the repository, as on disk.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Projects by name without the prefix "TrainingMonitor.".</summary>
    public static IReadOnlyDictionary<string, XDocument> Projects { get; } = new[] { "src", "tests" }
        .SelectMany(f => Directory.EnumerateFiles(Path.Combine(Root, f), "*.csproj", SearchOption.AllDirectories))
        .Where(IsOurs)
        .ToDictionary(p => Short(Path.GetFileNameWithoutExtension(p)), XDocument.Load, StringComparer.Ordinal);

    /// <summary>C# files under src: path relative to the root, and lines.</summary>
    public static IReadOnlyDictionary<string, string[]> Sources { get; } = Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
        .Where(IsOurs)
        .ToDictionary(Relative, File.ReadAllLines, StringComparer.Ordinal);

    public static IEnumerable<string> ProjectReferences(XDocument project) => project.Descendants("ProjectReference")
        .Where(r => (string?)r.Attribute("ReferenceOutputAssembly") != "false")
        .Select(r => Short(Path.GetFileNameWithoutExtension(((string)r.Attribute("Include")!).Replace('\\', '/'))));

    public static IEnumerable<string> PackageReferences(XDocument project) => project.Descendants("PackageReference").Select(r => (string)r.Attribute("Include")!);

    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static string Short(string project) => project.Replace("TrainingMonitor.", "", StringComparison.Ordinal);

    // "build" holds what packages compile into other projects.
    private static bool IsOurs(string path) => !path.Replace('\\', '/').Split('/').Any(f => f is "bin" or "obj" or ".artifacts" or "build");

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Monitor.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside of the repository.");
        }

        return folder;
    }
}
