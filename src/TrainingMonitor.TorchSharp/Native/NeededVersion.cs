namespace TrainingMonitor.TorchSharp.Native;

/// <summary>One entry of .gnu.version_r.</summary>
/// <param name="File">Library that must define it, "libstdc++.so.6".</param>
/// <param name="Name">Version, "GLIBCXX_3.4.32".</param>
/// <param name="Index">Number that .gnu.version uses for it.</param>
/// <param name="FlagsAt">File offset of its 16-bit flags.</param>
/// <param name="Flags">The flags; bit 2 is VER_FLG_WEAK.</param>
internal readonly record struct NeededVersion(string File, string Name, ushort Index, long FlagsAt, ushort Flags);
