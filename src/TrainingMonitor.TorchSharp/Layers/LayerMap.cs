using TorchSharp.Modules;
using TrainingMonitor.Protocol.V1;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TrainingMonitor.TorchSharp.Layers;

/// <summary>The layers of a model: every module that has trainable parameters of its own, then parameters only the optimizer knows. A shared
/// tensor belongs to the first module that has it.</summary>
internal sealed class LayerMap : IDisposable
{
    private readonly HashSet<IntPtr> known;

    private LayerMap(IReadOnlyList<WatchedLayer> layers, uint version)
    {
        (Layers, Version) = (layers, version);
        Parameters = [.. layers.SelectMany(l => l.Parameters)];
        known = [.. Parameters.Select(p => p.Tensor.Handle)];
    }

    /// <summary>Version of the table.</summary>
    public uint Version { get; }

    /// <summary>All layers, in the model's order.</summary>
    public IReadOnlyList<WatchedLayer> Layers { get; }

    /// <summary>All parameters, layer by layer.</summary>
    public IReadOnlyList<WatchedParameter> Parameters { get; }

    /// <summary>Finds the layers and joins them with the optimizer's state.</summary>
    /// <param name="model">The model.</param>
    /// <param name="optimizer">Its optimizer.</param>
    /// <param name="version">Version of the table.</param>
    public static LayerMap Create(nn.Module model, Optimizer optimizer, uint version = 1)
    {
        var owned = Owned(optimizer);
        var seen = new HashSet<IntPtr>();
        var layers = new List<WatchedLayer>();
        foreach (var (name, module) in model.named_modules().Prepend(("model", model)))
        {
            var own = OwnParameters(module).Where(p => p.Parameter.requires_grad && seen.Add(p.Parameter.Handle)).ToList();
            Add(layers, own.Count == 0 ? [] : own, name, module.GetType().Name, module, owned);
        }

        var loose = owned.Values.Where(o => o.Parameter.requires_grad && !seen.Contains(o.Parameter.Handle)).Select(o => o.Parameter).ToList();
        for (var i = 0; i < loose.Count; i++)
        {
            Add(layers, [("parameter", loose[i])], $"parameter[{i}]", "Parameter", null, owned);
        }

        return new LayerMap(layers, version);
    }

    /// <summary>Whether the optimizer holds a trainable parameter that is not here: a layer was unfrozen, or a group added.</summary>
    public bool Misses(Optimizer optimizer)
    {
        foreach (var parameter in optimizer.parameters())
        {
            if (parameter.requires_grad && !known.Contains(parameter.Handle))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The table to send.</summary>
    public LayerTable ToTable(IEnumerable<ColumnDeclaration> columns)
    {
        var table = new LayerTable { Version = Version };
        foreach (var layer in Layers)
        {
            var message = new Layer { Name = layer.Name, Kind = layer.Kind, Parameters = (ulong)layer.Elements };
            message.Shape.AddRange(layer.Parameters[0].Tensor.shape.Select(d => (ulong)d));
            table.Layers.Add(message);
        }

        table.Columns.AddRange(columns);
        return table;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var parameter in Parameters)
        {
            parameter.Dispose();
        }
    }

    private static void Add(
        List<WatchedLayer> layers, IReadOnlyList<(string Name, Parameter Parameter)> own, string name, string kind, nn.Module? module,
        Dictionary<IntPtr, (Parameter Parameter, OptimizerState? State, OptimizerOptions? Options)> owned)
    {
        // A parameter the optimizer does not hold never moves: it is no layer.
        var parameters = own.Where(p => owned.ContainsKey(p.Parameter.Handle)).Select((p, i) => new WatchedParameter
        {
            Name = p.Name,
            Tensor = p.Parameter,
            Elements = p.Parameter.numel(),
            Layer = layers.Count,
            Index = layers.Sum(l => l.Parameters.Count) + i,
            State = owned[p.Parameter.Handle].State,
            Options = owned[p.Parameter.Handle].Options,
        }).ToList();
        if (parameters.Count == 0)
        {
            return;
        }

        var unique = name;
        for (var i = 2; layers.Any(l => l.Name == unique); i++)
        {
            unique = $"{name}#{i}";
        }

        layers.Add(new WatchedLayer(unique, kind, module, parameters));
    }

    private static IEnumerable<(string Name, Parameter Parameter)> OwnParameters(nn.Module module) =>
        module.named_parameters(recurse: false).Select(p => (p.name, p.parameter));

    private static Dictionary<IntPtr, (Parameter Parameter, OptimizerState? State, OptimizerOptions? Options)> Owned(Optimizer optimizer)
    {
        var owned = new Dictionary<IntPtr, (Parameter Parameter, OptimizerState? State, OptimizerOptions? Options)>();
        var parameters = optimizer.parameters().ToList();
        var dictionary = optimizer is OptimizerHelper helper ? helper.state_dict() : null;
        var index = 0;
        for (var group = 0; dictionary is not null && group < dictionary.StateIndexRef.Count; group++)
        {
            // state_dict() lists states in the order of parameters(), group by group.
            foreach (var _ in dictionary.StateIndexRef[group])
            {
                owned[parameters[index].Handle] = (parameters[index], dictionary.State[index], dictionary.Options[group]);
                index++;
            }
        }

        foreach (var parameter in parameters)
        {
            owned.TryAdd(parameter.Handle, (parameter, null, null));
        }

        return owned;
    }
}
