using System.Globalization;
using System.Text.RegularExpressions;

namespace TrainingMonitor.Attach.Targets;

/// <summary>The interpreter of a process.</summary>
/// <param name="Major">3.</param>
/// <param name="Minor">11 of 3.11; 0: not known.</param>
/// <param name="FreeThreaded">Built without the global interpreter lock.</param>
/// <param name="Library">Path of its shared library, in the process's root; null: the interpreter is in the program itself.</param>
public sealed partial record TargetPython(int Major, int Minor, bool FreeThreaded, string? Library)
{
    /// <summary>"3.11".</summary>
    public string Version => Minor == 0 ? $"{Major}" : string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}{(FreeThreaded ? "t" : "")}");

    /// <summary>The interpreter; null: the process is no CPython.</summary>
    public static TargetPython? Of(TargetProcess process)
    {
        var library = process.Libraries.FirstOrDefault(path => Path.GetFileName(path).StartsWith("libpython3.", StringComparison.Ordinal));
        if (library is null && !Path.GetFileName(process.Executable).StartsWith("python", StringComparison.Ordinal))
        {
            return null;
        }

        // The most exact name first; packages of the interpreter lie in a folder of its version.
        foreach (var name in (string[])[Path.GetFileName(library ?? ""), Path.GetFileName(process.Executable), .. process.Libraries])
        {
            if (Name().Match(name) is { Success: true } match)
            {
                return new(3, int.Parse(match.Groups["minor"].ValueSpan, CultureInfo.InvariantCulture), match.Groups["free"].Length > 0, library);
            }
        }

        return new(3, 0, false, library);
    }

    [GeneratedRegex(@"python3\.(?<minor>[0-9]+)(?<free>t?)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}
