namespace TrainingMonitor.Cli.Rendering;

/// <summary>A line drawn with braille dots: two columns and four rows of dots a character.</summary>
public static class BrailleChart
{
    private const int DotColumns = 2;
    private const int DotRows = 4;
    private const char Blank = '\u2800';

    // Bit of the dot at [row, column] in a braille character.
    private static readonly byte[,] Bits = { { 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 } };

    /// <summary>Draws values from left to right over the whole width; neighbours in the same column are joined, NaN leaves a gap.</summary>
    /// <param name="values">Values, equally spaced.</param>
    /// <param name="width">Characters, at least 1.</param>
    /// <param name="height">Lines, at least 1.</param>
    /// <param name="low">Value at the lower edge.</param>
    /// <param name="high">Value at the upper edge; equal to <paramref name="low"/> draws in the middle.</param>
    /// <returns>Lines from top to bottom, all of the width.</returns>
    public static IReadOnlyList<string> Draw(IReadOnlyList<double> values, int width, int height, double low, double high)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        var columns = width * DotColumns;
        var rows = height * DotRows;
        var cells = new char[height][];
        for (var line = 0; line < height; line++)
        {
            cells[line] = Enumerable.Repeat(Blank, width).ToArray();
        }

        var previous = -1;
        for (var column = 0; column < columns; column++)
        {
            var (from, to) = Range(values, column, columns);
            var lowest = double.NaN;
            var highest = double.NaN;
            for (var i = from; i < to; i++)
            {
                if (double.IsFinite(values[i]))
                {
                    lowest = double.IsNaN(lowest) ? values[i] : Math.Min(lowest, values[i]);
                    highest = double.IsNaN(highest) ? values[i] : Math.Max(highest, values[i]);
                }
            }

            if (double.IsNaN(lowest))
            {
                previous = -1;
                continue;
            }

            var bottom = Row(lowest, rows, low, high);
            var top = Row(highest, rows, low, high);
            Fill(cells, column, top, bottom);
            if (previous >= 0)
            {
                // Joins a jump, so that a steep line stays a line.
                Fill(cells, column, Math.Min(previous + 1, top), Math.Max(previous - 1, bottom));
            }

            previous = (top + bottom) / 2;
        }

        return [.. cells.Select(line => new string(line))];
    }

    private static void Fill(char[][] cells, int column, int top, int bottom)
    {
        for (var row = top; row <= bottom; row++)
        {
            cells[row / DotRows][column / DotColumns] |= (char)Bits[row % DotRows, column % DotColumns];
        }
    }

    // Values of one dot column; fewer values than columns repeat, so that the line fills the width.
    private static (int From, int To) Range(IReadOnlyList<double> values, int column, int columns)
    {
        if (values.Count == 0)
        {
            return (0, 0);
        }

        var from = (int)((long)column * values.Count / columns);
        var to = (int)((long)(column + 1) * values.Count / columns);
        return (from, Math.Max(to, from + 1));
    }

    private static int Row(double value, int rows, double low, double high)
    {
        var share = high > low ? (Math.Clamp(value, low, high) - low) / (high - low) : 0.5;
        return rows - 1 - (int)Math.Round(share * (rows - 1), MidpointRounding.AwayFromZero);
    }
}
