using System.Globalization;
using System.Text;

namespace TrainingMonitor.Evaluation.Reports;

/// <summary>A page of docs/evaluation, made whole by a command.</summary>
internal sealed class Report
{
    private readonly StringBuilder text = new();
    private readonly string name;
    private readonly string folder;

    /// <summary>Starts the page <paramref name="name"/>.md.</summary>
    public Report(string name, string title, string? folder = null)
    {
        this.name = name;
        this.folder = folder ?? SourceTree.Reports;
        text.AppendLine(CultureInfo.InvariantCulture, $"# {title}\n");
        text.AppendLine(CultureInfo.InvariantCulture, $"Made by `dotnet run -c Release --project tests/TrainingMonitor.Evaluation -- score {name}` from the committed recordings; not edited by hand.\n");
    }

    /// <summary>Adds a heading.</summary>
    public Report Section(string heading)
    {
        text.AppendLine(CultureInfo.InvariantCulture, $"## {heading}\n");
        return this;
    }

    /// <summary>Adds a paragraph.</summary>
    public Report Paragraph(string paragraph)
    {
        text.AppendLine(paragraph).AppendLine();
        return this;
    }

    /// <summary>Adds a table.</summary>
    public Report Add(Table table)
    {
        text.Append(table).AppendLine();
        return this;
    }

    /// <summary>Saves a plot beside the page and shows it.</summary>
    public Report Add(string plotName, string description, Plot plot)
    {
        var file = $"{name}-{plotName}.svg";
        plot.Save(Path.Combine(folder, file));
        text.AppendLine(CultureInfo.InvariantCulture, $"![{description}]({file})\n");
        return this;
    }

    /// <summary>Writes the page.</summary>
    public void Save()
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, $"{name}.md"), text.ToString().ReplaceLineEndings("\n").TrimEnd() + "\n");
    }
}
