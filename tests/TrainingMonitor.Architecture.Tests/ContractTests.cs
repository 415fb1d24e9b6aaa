using System.Text.RegularExpressions;

namespace TrainingMonitor.Architecture.Tests;

/// <summary>The wire contract as text.</summary>
public sealed partial class ContractTests
{
    [Fact]
    public void Every_field_of_the_contract_is_documented_above_it_or_beside_it()
    {
        var silent = new List<string>();
        var fields = 0;
        foreach (var path in Directory.EnumerateFiles(Path.Combine(Repository.Root, "protos"), "*.proto", SearchOption.AllDirectories))
        {
            var before = "";
            foreach (var line in File.ReadLines(path).Select(line => line.Trim()))
            {
                if (Field().IsMatch(line) && !line.StartsWith("option ", StringComparison.Ordinal))
                {
                    fields++;
                    if (!line.Contains("//", StringComparison.Ordinal) && !before.StartsWith("//", StringComparison.Ordinal))
                    {
                        silent.Add($"{Path.GetFileName(path)}: {line}");
                    }
                }

                before = line;
            }
        }

        fields.ShouldBeGreaterThan(200);
        silent.ShouldBeEmpty();
    }

    // Type, name, number; the values of enums have no type.
    [GeneratedRegex(@"^(repeated |optional )?(map<.+>|[\w.]+) \w+ = \d+")]
    private static partial Regex Field();
}
