namespace TrainingMonitor.Attach.Injection;

/// <summary>What goes into a debugger's script or a line of Python must need no quoting.</summary>
internal static class SafeText
{
    /// <summary>The path, if it is made of letters, digits and <c>/._-</c>.</summary>
    /// <exception cref="InjectionException">It holds something else.</exception>
    public static string Path(string path) => path.All(c => char.IsAsciiLetterOrDigit(c) || "/._-".Contains(c, StringComparison.Ordinal))
        ? path
        : throw new InjectionException($"the path {path} holds characters that cannot be passed on safely");
}
