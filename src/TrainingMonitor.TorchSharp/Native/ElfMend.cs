using System.Buffers.Binary;
using System.Text;

namespace TrainingMonitor.TorchSharp.Native;

/// <summary>Makes a library loadable where libstdc++ lacks a version that only the marker <c>std::ios_base_library_init()</c> asks for
/// (GCC 13 and later emit it; it does nothing). Pure: bytes in, bytes out.</summary>
internal static class ElfMend
{
    /// <summary>Mangled name of the marker.</summary>
    public const string Marker = "_ZSt21ios_base_library_initv";

    // An argument-less libc function that does nothing of note and is at every version of libc.
    private const string Stand = "getpid";
    private const ushort AnyVersion = 1, WeakFlag = 2;

    /// <summary>Versions of <paramref name="provider"/> that the library needs strongly and that are not among the defined ones.</summary>
    public static IReadOnlyList<NeededVersion> Missing(ElfImage library, string provider, IReadOnlyCollection<string> defined) =>
        [.. library.NeededVersions().Where(v => v.File == provider && (v.Flags & WeakFlag) == 0 && !defined.Contains(v.Name))];

    /// <summary>A mended copy, or null where nothing is missing.</summary>
    /// <param name="original">The library's bytes; not changed.</param>
    /// <param name="provider">File name of the C++ library.</param>
    /// <param name="defined">Versions the machine's C++ library defines.</param>
    /// <exception cref="InvalidDataException">Malformed, or more than the marker is missing: then no mend can help.</exception>
    public static byte[]? Mend(byte[] original, string provider, IReadOnlyCollection<string> defined)
    {
        var elf = new ElfImage(original);
        var missing = Missing(elf, provider, defined);
        if (missing.Count == 0)
        {
            return null;
        }

        var symbols = Enumerable.Range(0, elf.SymbolCount)
            .Where(s => missing.Any(v => v.Index == (elf.UInt16(elf.VersionEntry(s)) & 0x7fff))).ToList();
        var others = symbols.Select(s => elf.StringAt(elf.NameOffset(s))).Where(name => name != Marker).ToList();
        if (others.Count > 0)
        {
            throw new InvalidDataException($"{string.Join(", ", missing.Select(v => v.Name))} of {provider} is needed for {string.Join(", ", others.Take(5))}.");
        }

        var mended = original.ToArray();
        foreach (var symbol in symbols)
        {
            Rename(elf, mended, symbol);
            BinaryPrimitives.WriteUInt16LittleEndian(mended.AsSpan((int)elf.VersionEntry(symbol)), AnyVersion);
        }

        foreach (var version in missing)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(mended.AsSpan((int)version.FlagsAt), (ushort)(version.Flags | WeakFlag));
        }

        return mended;
    }

    private static void Rename(ElfImage elf, byte[] mended, int symbol)
    {
        var name = elf.NameOffset(symbol);
        if (!elf.IsUndefined(symbol))
        {
            throw new InvalidDataException($"{Marker} is defined by the library itself.");
        }

        // Linkers let one name be the tail of another: renaming must not touch such a neighbour.
        if (Enumerable.Range(0, elf.SymbolCount).Any(s => s != symbol && elf.NameOffset(s) >= name && elf.NameOffset(s) <= name + Marker.Length))
        {
            throw new InvalidDataException($"the name {Marker} is shared with another symbol.");
        }

        var place = mended.AsSpan((int)(elf.Strings + name), Marker.Length);
        place.Clear();
        Encoding.ASCII.GetBytes(Stand, place);
    }
}
