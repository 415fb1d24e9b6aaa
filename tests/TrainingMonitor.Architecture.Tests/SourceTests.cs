using System.Text.RegularExpressions;

namespace TrainingMonitor.Architecture.Tests;

/// <summary>How source files look.</summary>
public sealed partial class SourceTests
{
    private const int LongestFile = 350, MostFiles = 250;

    // In pieces, so that a search for the words finds no test.
    private static readonly string[] Forbidden = ["NotImplemented" + "Exception", "Thread." + "Sleep", "TO" + "DO", "HA" + "CK", "FIX" + "ME"];

    [Fact]
    public void A_file_holds_one_public_type_of_its_name()
    {
        var wrong = new List<string>();
        foreach (var (path, lines) in Repository.Sources)
        {
            var types = lines.Select(l => PublicType().Match(l)).Where(m => m.Success).Select(m => m.Groups["name"].Value).Distinct(StringComparer.Ordinal).ToList();

            // Partial files are called Type.Aspect.cs, code-behind files Page.razor.cs.
            var name = Path.GetFileNameWithoutExtension(path).Split('.')[0];
            if (types.Count > 1 || (types.Count == 1 && types[0] != name))
            {
                wrong.Add($"{path} holds {string.Join(", ", types)}");
            }
        }

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void Files_are_short()
    {
        Repository.Sources.Where(s => s.Value.Length > LongestFile).Select(s => $"{s.Key}: {s.Value.Length} lines").ShouldBeEmpty();
        Repository.Sources.Count(s => s.Value.Length > MostFiles).ShouldBeLessThan(1 + (Repository.Sources.Count / 20));
    }

    [Fact]
    public void Nothing_is_left_unfinished()
    {
        var wrong = from source in Repository.Sources
                    from line in source.Value
                    from word in Forbidden
                    where Regex.IsMatch(line, $@"\b{Regex.Escape(word)}\b", RegexOptions.None, TimeSpan.FromSeconds(1))
                    select $"{source.Key}: {line.Trim()}";

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void Namespaces_follow_folders()
    {
        var wrong = from source in Repository.Sources
                    let declared = source.Value.Select(l => Namespace().Match(l)).FirstOrDefault(m => m.Success)?.Groups["name"].Value
                    let folder = Path.GetDirectoryName(source.Key)!.Replace('\\', '/')["src/".Length..].Replace('/', '.')
                    where declared is not null && declared != folder
                    select $"{source.Key}: {declared}";

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void Design_decisions_are_numbered_once()
    {
        var folder = Path.Combine(Repository.Root, "docs/design");
        var numbers = Directory.EnumerateFiles(folder, "*.md").Select(Path.GetFileName).Where(n => n != "README.md").ToList();

        numbers.ShouldNotBeEmpty();
        numbers.ShouldAllBe(n => DesignFile().IsMatch(n!));
        numbers.Select(n => n![..3]).ShouldBeUnique();
    }

    [GeneratedRegex(@"^public\s+(?:(?:static|sealed|abstract|partial|readonly|ref|unsafe)\s+)*(?:record\s+struct|record\s+class|record|class|struct|interface|enum|delegate\s+\S+)\s+(?<name>\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PublicType();

    [GeneratedRegex(@"^namespace\s+(?<name>[\w.]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^\d{3}-[a-z0-9-]+\.md$", RegexOptions.None, 1000)]
    private static partial Regex DesignFile();
}
