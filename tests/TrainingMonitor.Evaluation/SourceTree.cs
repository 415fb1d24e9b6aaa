namespace TrainingMonitor.Evaluation;

/// <summary>Places in the source tree this program was built from.</summary>
internal static class SourceTree
{
    /// <summary>Folder with Monitor.sln.</summary>
    public static string Root { get; } = Find();

    /// <summary>This project.</summary>
    public static string Evaluation => Path.Combine(Root, "tests", "TrainingMonitor.Evaluation");

    /// <summary>Where reports go.</summary>
    public static string Reports => Path.Combine(Root, "docs", "evaluation");

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Monitor.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The evaluation runs outside of the repository.");
        }

        return folder;
    }
}
