namespace TrainingMonitor.Architecture.Tests;

/// <summary>Dependencies point down only (docs/design/001-repository-layout.md).</summary>
public sealed class DependencyTests
{
    /// <summary>What each project of src may reference, besides what those may.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Estimation"] = [],
        ["Protocol"] = ["Estimation"],
        ["Storage"] = ["Protocol"],
        ["Notifications"] = ["Protocol"],
        ["Runs"] = ["Storage", "Notifications"],
        ["Server"] = ["Runs"],
        ["Logs"] = [],
        ["Relay"] = ["Client"],
        ["Attach"] = [],
        ["Cli"] = ["Server", "Client", "Logs", "Relay", "Attach"],
        ["Client"] = ["Protocol"],
        ["TorchSharp"] = ["Client"],
        ["Examples"] = ["TorchSharp"],
    };

    private static IEnumerable<string> SourceProjects => Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
        .Select(p => Path.GetFileNameWithoutExtension(p).Replace("TrainingMonitor.", "", StringComparison.Ordinal));

    [Fact]
    public void Every_source_project_has_its_place() => SourceProjects.ShouldBeSubsetOf(Allowed.Keys);

    [Fact]
    public void Projects_reference_downwards_only()
    {
        var wrong = from name in SourceProjects
                    from reference in Repository.ProjectReferences(Repository.Projects[name])
                    where !Below(name).Contains(reference)
                    select $"{name} → {reference}";

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void The_rule_itself_has_no_circle() => Allowed.Keys.ShouldAllBe(name => !Below(name).Contains(name));

    [Fact]
    public void Libtorch_is_copied_into_few_output_folders()
    {
        var holders = Repository.Projects.Where(p => Repository.PackageReferences(p.Value).Any(r => r.StartsWith("libtorch", StringComparison.Ordinal))).Select(p => p.Key);

        holders.ShouldBeSubsetOf(["Examples", "TorchSharp.Tests", "Benchmarks", "Evaluation", "Examples.Tests"]);
    }

    [Fact]
    public void Server_and_command_line_do_without_TorchSharp()
    {
        foreach (var name in (string[])["Server", "Cli", "Runs", "Storage", "Protocol", "Estimation", "Client"])
        {
            Repository.PackageReferences(Repository.Projects[name]).ShouldNotContain(r => r.Contains("torch", StringComparison.OrdinalIgnoreCase), name);
        }
    }

    [Fact]
    public void Estimation_references_no_actors_no_messages_no_input_or_output()
    {
        Repository.PackageReferences(Repository.Projects["Estimation"]).ShouldBe(["System.Numerics.Tensors"]);

        string[] forbidden =
        [
            "using Akka", "using Google", "using Grpc", "using System.IO", "using System.Net", "File.", "Console.", "DateTime", "TimeProvider", "Stopwatch",
            "Environment.", "Task.", "Thread.", "new Random(", "Random.Shared", "Guid.NewGuid",
        ];
        var wrong = from source in Repository.Sources
                    where source.Key.StartsWith("src/TrainingMonitor.Estimation/", StringComparison.Ordinal)
                    from line in source.Value
                    let code = Text.WithoutComment(line)
                    from word in forbidden
                    where code.Contains(word, StringComparison.Ordinal)
                    select $"{source.Key}: {code.Trim()}";

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void Packages_are_pinned_in_one_place()
    {
        var pinned = System.Xml.Linq.XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props"));
        var versions = pinned.Descendants("PackageVersion").ToDictionary(v => (string)v.Attribute("Include")!, v => (string)v.Attribute("Version")!, StringComparer.OrdinalIgnoreCase);
        var references = Repository.Projects.SelectMany(p => p.Value.Descendants("PackageReference").Select(r => (Project: p.Key, Reference: r))).ToList();

        references.Where(r => r.Reference.Attribute("Version") is not null || r.Reference.Attribute("VersionOverride") is not null).Select(r => r.Project).ShouldBeEmpty();
        references.Where(r => !versions.ContainsKey((string)r.Reference.Attribute("Include")!)).Select(r => $"{r.Project}: {r.Reference}").ShouldBeEmpty();
        versions.Where(v => v.Value.Contains('*', StringComparison.Ordinal) || v.Value.Contains(',', StringComparison.Ordinal)).ShouldBeEmpty();
        pinned.Descendants("CentralPackageTransitivePinningEnabled").Single().Value.ShouldBe("true");
    }

    private static HashSet<string> Below(string name)
    {
        var below = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(Allowed[name]);
        while (open.TryPop(out var next))
        {
            if (below.Add(next))
            {
                foreach (var further in Allowed[next])
                {
                    open.Push(further);
                }
            }
        }

        return below;
    }
}
