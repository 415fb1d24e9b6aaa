using System.Collections.Concurrent;
using System.Globalization;
using DuckDB.NET.Data;

namespace TrainingMonitor.Storage.Series.DuckDb;

/// <summary>Writes batches, each in one transaction. Used on the store's own thread only; <see cref="Runs"/> may be read by any.</summary>
internal sealed class BatchWriter
{
    private readonly DuckDBConnection connection;
    private readonly BlockParts parts;
    private readonly TableAppenders appenders;
    private readonly ConcurrentDictionary<string, RunEntry> runs = new(StringComparer.Ordinal);
    private int nextKey = 1;
    private int nextLayerTable = 1;

    public BatchWriter(DuckDBConnection connection, BlockParts parts)
    {
        this.connection = connection;
        this.parts = parts;
        appenders = new TableAppenders(connection, parts);
        Load();
    }

    public IReadOnlyDictionary<string, RunEntry> Runs => runs;

    /// <summary>After a commit: keeps the file below its cap.</summary>
    public void Tidy()
    {
        if (parts.Tidy(appenders.TakeLayerBytes()))
        {
            appenders.UseCurrentPart();
        }
    }

    /// <summary>Writes what is above the committed positions.</summary>
    /// <exception cref="DuckDBException">Nothing of the batch was written.</exception>
    public void Write(IReadOnlyList<RunWrites> batch)
    {
        var positions = new Dictionary<string, long>(StringComparer.Ordinal);
        var fresh = new List<(RunEntry Run, RunWrites Writes)>();
        foreach (var writes in batch)
        {
            var run = runs.GetOrAdd(writes.RunId, _ => new RunEntry(nextKey++));
            if (writes.Position > Math.Max(run.Committed, positions.GetValueOrDefault(writes.RunId)))
            {
                positions[writes.RunId] = writes.Position;
                fresh.Add((run, writes));
            }
        }

        if (fresh.Count == 0)
        {
            return;
        }

        var added = new Additions();
        using (var transaction = connection.BeginTransaction())
        {
            try
            {
                Append(fresh, positions, added);
                transaction.Commit();
            }
            catch
            {
                transaction.Rollback();
                throw;
            }
        }

        foreach (var (runId, position) in positions)
        {
            runs[runId].Committed = position;
            runs[runId].Stored = true;
        }

        added.Seen.ForEach(item => item.Run.Seen.Add(item.Series));
        added.LayerTables.ForEach(item => item.Run.LayerTables.Add(item.Table));
    }

    private void Append(List<(RunEntry Run, RunWrites Writes)> fresh, Dictionary<string, long> positions, Additions added)
    {
        Replace("commits", positions.Keys.Where(runId => runs[runId].Stored).Select(runId => runs[runId].Key));
        var rows = fresh.Where(item => item.Writes.Row is not null).GroupBy(item => item.Run).Select(group => group.Last()).ToList();
        Replace("runs", rows.Where(item => item.Run.Stored).Select(item => item.Run.Key));

        appenders.RunKeys(positions.Keys.Where(runId => !runs[runId].Stored).Select(runId => (runs[runId].Key, runId)));
        appenders.Commits(positions.Select(item => (runs[item.Key].Key, item.Value)));
        appenders.Runs(rows);
        appenders.Points(fresh);
        appenders.Blocks(fresh, (run, block) => LayerTable(run, block, added));
        appenders.Probes(fresh);
        appenders.Scalars(fresh);
        appenders.Alerts(fresh);
        CollectSeen(fresh, added);
        appenders.Seen(added.Seen.Select(item => (item.Run.Key, item.Series.Name, item.Series.PerLayer)));
        appenders.LayerTables(added.LayerTables.Select(item => (item.Run.Key, item.Table.Id, item.Table.Version, item.Table.Names)));
    }

    private void Replace(string table, IEnumerable<int> keys)
    {
        var list = string.Join(',', keys.Select(key => key.ToString(CultureInfo.InvariantCulture)));
        if (list.Length > 0)
        {
            connection.Execute($"DELETE FROM {table} WHERE run IN ({list})");
        }
    }

    private int LayerTable(RunEntry run, LayerBlock block, Additions added)
    {
        foreach (var (id, version, names) in run.LayerTables.AsEnumerable().Reverse())
        {
            if (version == block.TableVersion && Same(names, block.LayerNames))
            {
                return id;
            }
        }

        foreach (var (owner, table) in added.LayerTables)
        {
            if (owner == run && table.Version == block.TableVersion && Same(table.Names, block.LayerNames))
            {
                return table.Id;
            }
        }

        added.LayerTables.Add((run, (nextLayerTable, block.TableVersion, block.LayerNames)));
        return nextLayerTable++;
    }

    private static bool Same(IReadOnlyList<string> a, IReadOnlyList<string> b) => ReferenceEquals(a, b) || a.SequenceEqual(b, StringComparer.Ordinal);

    private static void CollectSeen(List<(RunEntry Run, RunWrites Writes)> fresh, Additions added)
    {
        var once = new HashSet<(RunEntry, (string, bool))>();
        foreach (var (run, writes) in fresh)
        {
            foreach (var series in SeenSeries.Of(writes))
            {
                if (!run.Seen.Contains(series) && once.Add((run, series)))
                {
                    added.Seen.Add((run, series));
                }
            }
        }
    }

    private void Load()
    {
        foreach (var (key, runId) in connection.Query(row => (row.GetInt32(0), row.GetString(1)), "SELECT run, run_id FROM run_keys"))
        {
            runs[runId] = new RunEntry(key) { Stored = true };
            nextKey = Math.Max(nextKey, key + 1);
        }

        var byKey = runs.Values.ToDictionary(run => run.Key);
        foreach (var (key, position) in connection.Query(row => (row.GetInt32(0), row.GetInt64(1)), "SELECT run, position FROM commits"))
        {
            byKey[key].Committed = Math.Max(byKey[key].Committed, position);
        }

        foreach (var (key, name, perLayer) in connection.Query(row => (row.GetInt32(0), row.GetString(1), row.GetBoolean(2)), "SELECT run, name, per_layer FROM series_seen"))
        {
            byKey[key].Seen.Add((name, perLayer));
        }

        foreach (var (key, id, version, names) in connection.Query(
            row => (row.GetInt32(0), row.GetInt32(1), row.GetInt32(2), NameList.Unpack(row.Bytes(3))),
            "SELECT run, id, version, names FROM layer_tables ORDER BY id"))
        {
            byKey[key].LayerTables.Add((id, version, names));
            nextLayerTable = Math.Max(nextLayerTable, id + 1);
        }
    }

    /// <summary>What becomes known with the commit.</summary>
    private sealed class Additions
    {
        public List<(RunEntry Run, (string Name, bool PerLayer) Series)> Seen { get; } = [];

        public List<(RunEntry Run, (int Id, int Version, IReadOnlyList<string> Names) Table)> LayerTables { get; } = [];
    }
}
