using System.Globalization;
using System.Text;

namespace TrainingMonitor.Evaluation.Reports;

/// <summary>A Markdown table.</summary>
internal sealed class Table(params string[] headings)
{
    private readonly List<string[]> rows = [];

    /// <summary>Adds a row; numbers are written without culture, to three digits.</summary>
    public Table Row(params object[] cells)
    {
        if (cells.Length != headings.Length)
        {
            throw new ArgumentException($"{cells.Length} cells under {headings.Length} headings.", nameof(cells));
        }

        rows.Add(Array.ConvertAll(cells, Text));
        return this;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"| {string.Join(" | ", headings)} |");
        text.AppendLine(CultureInfo.InvariantCulture, $"|{string.Concat(headings.Select(_ => "---|"))}");
        foreach (var row in rows)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {string.Join(" | ", row)} |");
        }

        return text.ToString();
    }

    private static string Text(object cell) => cell switch
    {
        double.NaN => "–",
        double number => number.ToString("0.###", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => cell.ToString() ?? "",
    };
}
