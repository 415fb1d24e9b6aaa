using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Estimators;

/// <summary>Rows of doubles, one value a layer: an estimator's state as a structure of arrays.</summary>
internal sealed class LayerState(int rows)
{
    private double[] values = [];

    /// <summary>Layers of the current table.</summary>
    public int LayerCount { get; private set; }

    /// <summary>One row.</summary>
    public Span<double> Row(int row) => values.AsSpan(row * LayerCount, LayerCount);

    /// <summary>Moves the values to a new table; new layers start at zero.</summary>
    public void Remap(ReadOnlySpan<int> previousIndex)
    {
        var moved = new double[rows * previousIndex.Length];
        for (var row = 0; row < rows; row++)
        {
            for (var i = 0; i < previousIndex.Length; i++)
            {
                moved[(row * previousIndex.Length) + i] = previousIndex[i] < 0 ? 0 : Row(row)[previousIndex[i]];
            }
        }

        values = moved;
        LayerCount = previousIndex.Length;
    }

    /// <summary>Sets everything to zero.</summary>
    public void Clear() => Array.Clear(values);

    public void Save(StateWriter writer) => writer.Write(values);

    public void Load(ref StateReader reader) => reader.Read(values);
}
