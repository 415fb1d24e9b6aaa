using System.Buffers.Binary;
using System.Text;

namespace TrainingMonitor.TorchSharp.Native;

/// <summary>What the loader sees of a 64-bit little-endian ELF shared object: the dynamic section and the tables it points to.
/// Source: System V gABI chapter 5 and the LSB "Symbol Versioning" chapter. Every offset is checked before it is used.</summary>
internal sealed class ElfImage
{
    private const long LoadSegment = 1, DynamicSegment = 2;
    private const long TagHash = 4, TagStringTable = 5, TagSymbolTable = 6, TagStringSize = 10, TagGnuHash = 0x6ffffef5;
    private const long TagVersionSymbols = 0x6ffffff0, TagVersionDefinitions = 0x6ffffffc, TagVersionDefinitionCount = 0x6ffffffd;
    private const long TagVersionNeeds = 0x6ffffffe, TagVersionNeedCount = 0x6fffffff;
    private const int SymbolSize = 24;

    private readonly byte[] image;
    private readonly List<(long Address, long Offset, long Size)> segments = [];
    private readonly Dictionary<long, long> dynamic = [];

    /// <summary>Reads the headers.</summary>
    /// <exception cref="InvalidDataException">Not a well-formed 64-bit little-endian ELF shared object.</exception>
    public ElfImage(byte[] image)
    {
        this.image = image;
        Require(image.Length >= 64 && image.AsSpan(0, 4).SequenceEqual("\u007fELF"u8), "no ELF header");
        Require(image[4] == 2 && image[5] == 1, "not 64-bit little-endian");
        var programHeaders = Int64(32);
        int entrySize = UInt16(54), count = UInt16(56);
        Require(entrySize >= 56, "program headers too small");
        var dynamicAt = (Offset: 0L, Size: 0L);
        for (var i = 0; i < count; i++)
        {
            var header = programHeaders + (long)i * entrySize;
            var type = UInt32(header);
            if (type == LoadSegment)
            {
                segments.Add((Int64(header + 16), Int64(header + 8), Int64(header + 32)));
            }
            else if (type == DynamicSegment)
            {
                dynamicAt = (Int64(header + 8), Int64(header + 32));
            }
        }

        for (var at = dynamicAt.Offset; at + 16 <= dynamicAt.Offset + dynamicAt.Size; at += 16)
        {
            var tag = Int64(at);
            if (tag == 0)
            {
                break;
            }

            dynamic[tag] = Int64(at + 8);
        }

        Require(dynamic.ContainsKey(TagStringTable) && dynamic.ContainsKey(TagSymbolTable), "no dynamic symbols");
        Strings = FileOffset(dynamic[TagStringTable]);
        StringsSize = dynamic.GetValueOrDefault(TagStringSize);
        Symbols = FileOffset(dynamic[TagSymbolTable]);
        SymbolCount = CountSymbols();
    }

    /// <summary>File offset of .dynstr.</summary>
    public long Strings { get; }

    /// <summary>Its size in bytes.</summary>
    public long StringsSize { get; }

    /// <summary>File offset of .dynsym.</summary>
    public long Symbols { get; }

    /// <summary>Symbols known to be in .dynsym; with only a GNU hash table these are all undefined ones and maybe not all defined ones.</summary>
    public int SymbolCount { get; }

    /// <summary>Names of the versions the library defines (GLIBCXX_3.4, ...).</summary>
    public IReadOnlyList<string> DefinedVersions()
    {
        var names = new List<string>();
        if (!dynamic.TryGetValue(TagVersionDefinitions, out var address))
        {
            return names;
        }

        var at = FileOffset(address);
        for (var i = dynamic.GetValueOrDefault(TagVersionDefinitionCount); i > 0; i--)
        {
            names.Add(StringAt(UInt32(at + UInt32(at + 12))));
            var next = UInt32(at + 16);
            if (next == 0)
            {
                break;
            }

            at += next;
        }

        return names;
    }

    /// <summary>Versions the library needs of other libraries.</summary>
    public IReadOnlyList<NeededVersion> NeededVersions()
    {
        var needs = new List<NeededVersion>();
        if (!dynamic.TryGetValue(TagVersionNeeds, out var address))
        {
            return needs;
        }

        var at = FileOffset(address);
        for (var i = dynamic.GetValueOrDefault(TagVersionNeedCount); i > 0; i--)
        {
            var file = StringAt(UInt32(at + 4));
            var aux = at + UInt32(at + 8);
            for (var j = UInt16(at + 2); j > 0; j--)
            {
                needs.Add(new NeededVersion(file, StringAt(UInt32(aux + 8)), UInt16(aux + 6), aux + 4, UInt16(aux + 4)));
                aux += UInt32(aux + 12);
            }

            var next = UInt32(at + 12);
            if (next == 0)
            {
                break;
            }

            at += next;
        }

        return needs;
    }

    /// <summary>Offset in .dynstr of a symbol's name.</summary>
    public long NameOffset(int symbol) => UInt32(Symbols + (long)symbol * SymbolSize);

    /// <summary>Whether the symbol is to be found in another library.</summary>
    public bool IsUndefined(int symbol) => UInt16(Symbols + (long)symbol * SymbolSize + 6) == 0;

    /// <summary>File offset of the symbol's entry in .gnu.version.</summary>
    public long VersionEntry(int symbol)
    {
        Require(dynamic.ContainsKey(TagVersionSymbols), "no .gnu.version");
        return FileOffset(dynamic[TagVersionSymbols]) + 2L * symbol;
    }

    /// <summary>The 16-bit number at a file offset.</summary>
    public ushort UInt16(long at) => BinaryPrimitives.ReadUInt16LittleEndian(Slice(at, 2));

    /// <summary>The string at an offset of .dynstr.</summary>
    public string StringAt(long offset)
    {
        Require(offset >= 0 && offset < StringsSize, "string outside .dynstr");
        var rest = Slice(Strings + offset, StringsSize - offset);
        var end = rest.IndexOf((byte)0);
        Require(end >= 0, "string without end");
        return Encoding.UTF8.GetString(rest[..end]);
    }

    private int CountSymbols()
    {
        if (dynamic.TryGetValue(TagHash, out var hash))
        {
            return checked((int)UInt32(FileOffset(hash) + 4));
        }

        Require(dynamic.TryGetValue(TagGnuHash, out var gnu), "no hash table");

        // The GNU hash table holds defined symbols only; its second word is the index of the first of them.
        return checked((int)UInt32(FileOffset(gnu) + 4));
    }

    private long FileOffset(long address)
    {
        foreach (var segment in segments)
        {
            if (address >= segment.Address && address < segment.Address + segment.Size)
            {
                return address - segment.Address + segment.Offset;
            }
        }

        throw new InvalidDataException($"Not a usable ELF library: address 0x{address:x} is in no segment.");
    }

    private uint UInt32(long at) => BinaryPrimitives.ReadUInt32LittleEndian(Slice(at, 4));

    private long Int64(long at) => BinaryPrimitives.ReadInt64LittleEndian(Slice(at, 8));

    private ReadOnlySpan<byte> Slice(long at, long size)
    {
        Require(at >= 0 && size >= 0 && at <= image.Length - size, "cut short");
        return image.AsSpan((int)at, (int)size);
    }

    private static void Require(bool condition, string what)
    {
        if (!condition)
        {
            throw new InvalidDataException($"Not a usable ELF library: {what}.");
        }
    }
}
