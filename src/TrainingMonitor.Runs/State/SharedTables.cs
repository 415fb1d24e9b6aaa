using System.Collections.Concurrent;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Runs.State;

/// <summary>One layer table for all runs that have an equal one, as runs of one project do. A table that was taken here is not changed any more.</summary>
internal static class SharedTables
{
    // Of all tables kept here; then it begins anew, and tables in use stay with their runs.
    private const int MostLayers = 100_000;
    private static readonly ConcurrentDictionary<LayerTable, LayerTable> Tables = new();
    private static int layers;

    /// <summary>The table to keep in place of an equal one.</summary>
    public static LayerTable Of(LayerTable table)
    {
        if (Tables.TryGetValue(table, out var known))
        {
            return known;
        }

        if (Interlocked.Add(ref layers, table.Layers.Count) > MostLayers)
        {
            Tables.Clear();
            Interlocked.Exchange(ref layers, table.Layers.Count);
        }

        return Tables.GetOrAdd(table, table);
    }
}
