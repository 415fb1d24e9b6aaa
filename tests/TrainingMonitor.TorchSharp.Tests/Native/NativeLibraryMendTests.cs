using System.Security.Cryptography;
using TrainingMonitor.TorchSharp.Native;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Tests.Native;

public sealed class NativeLibraryMendTests : IDisposable
{
    private static readonly string[] Debian12 = ["GLIBCXX_3.4.30", "GLIBCXX_3.4.29", "GLIBCXX_3.4.28", "CXXABI_1.3.13"];
    private readonly string folder = Directory.CreateTempSubdirectory("mend").FullName;

    private static string Package { get; } = Path.Combine(
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages"),
        "torchsharp", "0.107.0", "runtimes", "linux-x64", "native", NativeLibraryMend.LibraryName);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_package_still_needs_the_mend_and_nothing_else()
    {
        var elf = new ElfImage(File.ReadAllBytes(Package));
        var needed = elf.NeededVersions().Where(v => v.File == "libstdc++.so.6").Select(v => v.Name).ToList();
        needed.ShouldContain("GLIBCXX_3.4.32");
        needed.Count.ShouldBe(20);
        ElfMend.Missing(elf, "libstdc++.so.6", [.. needed.Where(n => n != "GLIBCXX_3.4.32")]).Single().Name.ShouldBe("GLIBCXX_3.4.32");
    }

    [Fact]
    public void Torch_loads_in_this_process_and_the_package_is_as_published()
    {
        using var two = ones(2);
        two.sum().item<float>().ShouldBe(2f);
        var old = !NativeLibraryMend.MachineVersions().Contains("GLIBCXX_3.4.32");
        var loaded = File.ReadAllBytes(NativeLibraryMend.Candidates(AppContext.BaseDirectory).First(File.Exists));
        var published = File.ReadAllBytes(Package);
        loaded.SequenceEqual(published).ShouldBe(!old);
        new ElfImage(published).NeededVersions().Single(v => v.Name == "GLIBCXX_3.4.32").Flags.ShouldBe((ushort)0);
        NativeLibraryMend.EnsureLoadable().Outcome.ShouldBe(MendOutcome.NotNeeded);
    }

    [Fact]
    public void Only_the_name_the_version_and_the_flag_change()
    {
        var before = File.ReadAllBytes(Package);
        var after = ElfMend.Mend(before, "libstdc++.so.6", AllBut32())!;
        after.Length.ShouldBe(before.Length);
        var changed = Enumerable.Range(0, before.Length).Where(i => before[i] != after[i]).ToList();
        changed.Count.ShouldBeLessThanOrEqualTo(ElfMend.Marker.Length + 2 + 1);
        var elf = new ElfImage(after);
        ElfMend.Missing(elf, "libstdc++.so.6", AllBut32()).ShouldBeEmpty();
        var names = Enumerable.Range(0, elf.SymbolCount).Where(elf.IsUndefined).Select(s => elf.StringAt(elf.NameOffset(s))).ToList();
        names.ShouldContain("getpid");
        names.ShouldNotContain(ElfMend.Marker);
        ElfMend.Mend(after, "libstdc++.so.6", AllBut32()).ShouldBeNull();
    }

    [Fact]
    public void A_new_enough_machine_is_left_alone()
    {
        var copy = Copy();
        var before = Hash(copy);
        NativeLibraryMend.Apply(copy, [.. AllBut32(), "GLIBCXX_3.4.32"]).Outcome.ShouldBe(MendOutcome.NotNeeded);
        Hash(copy).ShouldBe(before);
    }

    [Fact]
    public void A_hard_link_keeps_its_content_and_stamp_and_mode_stay()
    {
        var copy = Copy();
        var link = Path.Combine(folder, "link.so");
        using (var ln = System.Diagnostics.Process.Start("ln", [copy, link]))
        {
            ln.WaitForExit();
        }

        var (before, stamp) = (Hash(link), File.GetLastWriteTimeUtc(copy));
        NativeLibraryMend.Apply(copy, AllBut32()).Outcome.ShouldBe(MendOutcome.Mended);
        Hash(link).ShouldBe(before);
        Hash(copy).ShouldNotBe(before);
        File.GetLastWriteTimeUtc(copy).ShouldBe(stamp);
        NativeLibraryMend.Apply(copy, AllBut32()).Outcome.ShouldBe(MendOutcome.NotNeeded);
        Directory.GetFiles(folder).Length.ShouldBe(2);
    }

    [Fact]
    public void Many_at_once_end_with_one_whole_file()
    {
        var copy = Copy();
        var outcomes = new System.Collections.Concurrent.ConcurrentBag<MendOutcome>();
        Parallel.For(0, 8, _ => outcomes.Add(NativeLibraryMend.Apply(copy, AllBut32()).Outcome));
        outcomes.ShouldAllBe(o => o == MendOutcome.Mended || o == MendOutcome.NotNeeded);
        File.ReadAllBytes(copy).SequenceEqual(ElfMend.Mend(File.ReadAllBytes(Package), "libstdc++.so.6", AllBut32())!).ShouldBeTrue();
        Directory.GetFiles(folder).Length.ShouldBe(1);
    }

    [Fact]
    public void More_than_the_marker_missing_is_refused_with_names()
    {
        var result = NativeLibraryMend.Apply(Copy(), Debian12);
        result.Outcome.ShouldBe(MendOutcome.Failed);
        result.Message.ShouldContain("GLIBCXX_3.4.26");
        result.Message.ShouldContain("_ZNSt");
    }

    [Fact]
    public void A_file_that_cannot_be_replaced_says_what_to_do()
    {
        // A folder cannot be replaced by a rename of a file, whoever asks (root ignores permissions).
        var result = NativeLibraryMend.Apply(Path.Combine("/proc/self", "fd"), AllBut32());
        result.Outcome.ShouldBe(MendOutcome.Failed);
        result.Message.ShouldContain("libstdc++");
    }

    [Fact]
    public void Damage_is_an_error_and_never_an_index_out_of_range()
    {
        var image = File.ReadAllBytes(Package);
        var random = new Random(7);
        for (var round = 0; round < 40; round++)
        {
            var damaged = image.ToArray();
            for (var k = 0; k < 1 + random.Next(8); k++)
            {
                // Headers, dynamic section and version tables: where a wrong byte can mislead the parser.
                int[] places = [random.Next(0x270), 0x1d4b18 + random.Next(0x270), 0x3f8f0 + random.Next(0x210), 0x298 + random.Next(16)];
                damaged[places[random.Next(4)]] = (byte)random.Next(256);
            }

            Try(damaged);
            Try(damaged[..random.Next(damaged.Length)]);
        }

        static void Try(byte[] bytes)
        {
            try
            {
                ElfMend.Mend(bytes, "libstdc++.so.6", Debian12);
            }
            catch (Exception e) when (e is InvalidDataException or OverflowException)
            {
                e.Message.ShouldNotBeEmpty();
            }
        }
    }

    private static string[] AllBut32() =>
        [.. new ElfImage(File.ReadAllBytes(Package)).NeededVersions().Select(v => v.Name).Where(n => n != "GLIBCXX_3.4.32")];

    private static string Hash(string path) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)));

    private string Copy()
    {
        var copy = Path.Combine(folder, NativeLibraryMend.LibraryName);
        File.Copy(Package, copy);
        return copy;
    }
}
