using TrainingMonitor.Protocol.V1;
using static TrainingMonitor.Protocol.Validation.FrameError;

namespace TrainingMonitor.Protocol.Validation;

/// <summary>Rules of a layer table.</summary>
internal sealed class LayerTableRules(FrameLimits limits)
{
    /// <summary>Null, or why the table, which lies at that path of its frame, is refused.</summary>
    public FrameError? Check(LayerTable table, string path)
    {
        if (table.Version == 0)
        {
            return Invalid($"{path}.version", "0, versions start with 1");
        }

        if (table.Layers.Count > limits.MaxLayers)
        {
            return Limit($"{path}.layers", $"{table.Layers.Count} layers, at most {limits.MaxLayers} are taken; group parameters of one module");
        }

        if (table.Columns.Count > limits.MaxColumns)
        {
            return Limit($"{path}.columns", $"{table.Columns.Count} columns, at most {limits.MaxColumns} are taken");
        }

        var names = new Dictionary<string, int>(table.Layers.Count, StringComparer.Ordinal);
        for (var i = 0; i < table.Layers.Count; i++)
        {
            if (Layer(table.Layers[i], path, i) is { } error)
            {
                return error;
            }

            if (!names.TryAdd(table.Layers[i].Name, i))
            {
                return Invalid($"{path}.layers[{i}].name", $"\"{table.Layers[i].Name}\" is the name of layers[{names[table.Layers[i].Name]}] too");
            }
        }

        return Columns(table, path);
    }

    private FrameError? Layer(Layer layer, string path, int index)
    {
        if (TextRules.Name(layer.Name, limits.MaxLayerNameBytes) is { } name)
        {
            return Invalid($"{path}.layers[{index}].name", name);
        }

        if (TextRules.Text(layer.Kind, limits.MaxTextBytes) is { } kind)
        {
            return Invalid($"{path}.layers[{index}].kind", kind);
        }

        if (NumberRules.Count(layer.Parameters) is { } parameters)
        {
            return Invalid($"{path}.layers[{index}].parameters", parameters);
        }

        if (layer.Shape.Count > limits.MaxShape)
        {
            return Limit($"{path}.layers[{index}].shape", $"{layer.Shape.Count} dimensions, at most {limits.MaxShape} are taken");
        }

        for (var d = 0; d < layer.Shape.Count; d++)
        {
            if (NumberRules.Count(layer.Shape[d]) is { } size)
            {
                return Invalid($"{path}.layers[{index}].shape[{d}]", size);
            }
        }

        return null;
    }

    private static FrameError? Columns(LayerTable table, string path)
    {
        var declared = default(StatisticSet);
        for (var i = 0; i < table.Columns.Count; i++)
        {
            var column = table.Columns[i];
            if (column.Statistic == LayerStatistic.Unspecified)
            {
                return Invalid($"{path}.columns[{i}].statistic", "not given");
            }

            if (!StatisticSet.IsKnown(column.Statistic))
            {
                continue;
            }

            if (column.Combination is < RankCombination.Replicated or > RankCombination.RankLocal)
            {
                return Invalid($"{path}.columns[{i}].combination", $"{(int)column.Combination}, one of 1 (replicated), 2 (sharded), 3 (rank local) is wanted");
            }

            if (declared.Contains(column.Statistic))
            {
                return Invalid($"{path}.columns[{i}].statistic", $"{column.Statistic} is declared twice");
            }

            declared = declared.With(column.Statistic);
        }

        return null;
    }
}
