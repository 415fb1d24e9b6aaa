using System.Collections.Concurrent;
using System.Globalization;
using DuckDB.NET.Data;

namespace TrainingMonitor.Storage.Series.DuckDb;

/// <summary>Writes batches, each in one transaction. Used on the store's own thread only; <see cref="Runs"/> may be read by any.</summary>
internal sealed class BatchWriter
{
    // A commit appends positions and the highest of a run counts: to delete each run's old one first would be a list of thousands of keys a transaction.
    // All are written anew when there are so many rows a run.
    private const int MostRowsARun = 8, FewRows = 1024;

    private readonly DuckDBConnection connection;
    private readonly BlockParts parts;
    private readonly TableAppenders appenders;
    private readonly ConcurrentDictionary<string, RunEntry> runs = new(StringComparer.Ordinal);
    private readonly Dictionary<RunEntry, long> positions = [];
    private readonly List<(RunEntry Run, RunWrites Writes)> fresh = [];
    private long commitRows;
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
        positions.Clear();
        fresh.Clear();
        foreach (var writes in batch)
        {
            var run = runs.GetOrAdd(writes.RunId, id => new RunEntry(id, nextKey++));
            if (writes.Position > Math.Max(run.Committed, positions.GetValueOrDefault(run)))
            {
                positions[run] = writes.Position;
                fresh.Add((run, writes));
            }
        }

        if (fresh.Count == 0)
        {
            return;
        }

        var added = new Additions();
        long rows;
        using (var transaction = connection.BeginTransaction())
        {
            try
            {
                rows = Append(added);
                transaction.Commit();
            }
            catch
            {
                transaction.Rollback();
                throw;
            }
        }

        commitRows = rows;
        foreach (var (run, position) in positions)
        {
            run.Committed = position;
            run.Stored = true;
        }

        added.Seen.ForEach(item => item.Run.See(item.Series));
        added.LayerTables.ForEach(item => item.Run.LayerTables.Add(item.Table));

        // Points that are written need not stay in memory until the next batch.
        fresh.Clear();
    }

    // How many rows "commits" has then.
    private long Append(Additions added)
    {
        var rows = Commit();
        var listed = fresh.Where(item => item.Writes.Row is not null).GroupBy(item => item.Run).Select(group => group.Last()).ToList();
        Replace("runs", listed.Where(item => item.Run.Stored).Select(item => item.Run.Key));

        appenders.RunKeys(positions.Keys.Where(run => !run.Stored).Select(run => (run.Key, run.RunId)));
        appenders.Runs(listed);
        appenders.Points(fresh);
        appenders.Blocks(fresh, (run, block) => LayerTable(run, block, added));
        appenders.Probes(fresh);
        appenders.Scalars(fresh);
        appenders.Alerts(fresh);
        CollectSeen(added);
        appenders.Seen(added.Seen.Select(item => (item.Run.Key, item.Series.Name, item.Series.PerLayer)));
        appenders.LayerTables(added.LayerTables.Select(item => (item.Run.Key, item.Table.Id, item.Table.Version, item.Table.Names)));
        return rows;
    }

    private long Commit()
    {
        var rows = commitRows + positions.Count;
        if (rows > ((long)MostRowsARun * runs.Count) + FewRows)
        {
            connection.Execute("DELETE FROM commits");
            var others = runs.Values.Where(run => run.Stored && !positions.ContainsKey(run)).ToList();
            appenders.Commits(others.Select(run => (run.Key, run.Committed)));
            rows = others.Count + positions.Count;
        }

        appenders.Commits(positions.Select(item => (item.Key.Key, item.Value)));
        return rows;
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

    private void CollectSeen(Additions added)
    {
        var once = new HashSet<(RunEntry, (string, bool))>();
        foreach (var (run, writes) in fresh)
        {
            foreach (var series in SeenSeries.Of(writes, run.SeenOfRun))
            {
                if (!run.HasSeen(series) && once.Add((run, series)))
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
            runs[runId] = new RunEntry(runId, key) { Stored = true };
            nextKey = Math.Max(nextKey, key + 1);
        }

        var byKey = runs.Values.ToDictionary(run => run.Key);
        foreach (var (key, position) in connection.Query(row => (row.GetInt32(0), row.GetInt64(1)), "SELECT run, position FROM commits"))
        {
            byKey[key].Committed = Math.Max(byKey[key].Committed, position);
            commitRows++;
        }

        foreach (var (key, name, perLayer) in connection.Query(row => (row.GetInt32(0), row.GetString(1), row.GetBoolean(2)), "SELECT run, name, per_layer FROM series_seen"))
        {
            byKey[key].See((name, perLayer));
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
