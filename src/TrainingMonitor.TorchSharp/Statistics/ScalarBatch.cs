using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Statistics;

/// <summary>Scalar tensors that are stacked and copied from their device at once, instead of one wait each.</summary>
internal sealed class ScalarBatch
{
    private readonly List<(double[] Target, int Index, Tensor Value)> items = [];

    /// <summary>Queues: target[index] += value.</summary>
    public void Add(double[] target, int index, Tensor value) => items.Add((target, index, value));

    /// <summary>Forgets all that is queued.</summary>
    public void Clear() => items.Clear();

    /// <summary>Copies all and adds them to their places.</summary>
    public void Run()
    {
        using var scope = NewDisposeScope();
        foreach (var device in items.GroupBy(r => r.Value.device.ToString(), StringComparer.Ordinal))
        {
            var type = device.First().Value.device_type == global::TorchSharp.DeviceType.MPS ? ScalarType.Float32 : ScalarType.Float64;

            // A list, and inside a scope: torch takes only handles of the tensors, which must stay alive while it reads them.
            var scalars = device.Select(r => r.Value.reshape(1).to_type(type)).ToList();
            var values = stack(scalars).cpu().to_type(ScalarType.Float64).data<double>().ToArray();
            var i = 0;
            foreach (var (target, index, _) in device)
            {
                target[index] += values[i++];
            }
        }

        items.Clear();
    }
}
