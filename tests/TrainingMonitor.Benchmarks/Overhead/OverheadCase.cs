using TrainingMonitor.TorchSharp;
using static TorchSharp.torch;

namespace TrainingMonitor.Benchmarks.Overhead;

/// <summary>One training run that is timed in blocks of steps: a model, its optimizer and, where watched, its watch.</summary>
internal sealed class OverheadCase : IDisposable
{
    private readonly nn.Module<Tensor, Tensor> model;
    private readonly optim.Optimizer optimizer;
    private readonly TrainingWatch? watch;
    private readonly Tensor[] inputs, targets;
    private readonly long[] ids;
    private int step;

    public OverheadCase(string name, int[] widths, int batch, Func<nn.Module, optim.Optimizer> makeOptimizer, WatchOptions? options)
    {
        Name = name;
        manual_seed(1);
        var layers = new List<(string, nn.Module<Tensor, Tensor>)>();
        for (var i = 0; i + 1 < widths.Length; i++)
        {
            layers.Add(($"l{i}", nn.Linear(widths[i], widths[i + 1])));
            if (i + 2 < widths.Length)
            {
                layers.Add(($"r{i}", nn.ReLU()));
            }
        }

        model = nn.Sequential(layers);
        optimizer = makeOptimizer(model);
        inputs = [.. Enumerable.Range(0, 4).Select(_ => randn(batch, widths[0]))];
        targets = [.. inputs.Select(_ => randint(widths[^1], batch, dtype: ScalarType.Int64))];
        ids = [.. Enumerable.Range(0, batch).Select(i => (long)i)];
        Sink = new CountingSink();
        watch = options is null ? null : TrainingWatch.Start(model, optimizer, options, Sink, TimeProvider.System);
    }

    /// <summary>Name of the row.</summary>
    public string Name { get; }

    /// <summary>What would have been sent.</summary>
    public CountingSink Sink { get; }

    /// <summary>The schedule at the end, for the report.</summary>
    public string Schedule => watch is null ? "" : $"pairs every {watch.Schedule.PairInterval}, exact every {watch.Schedule.ExactInterval}";

    /// <summary>Parameters of the model.</summary>
    public long Parameters => model.parameters().Sum(p => p.numel());

    /// <summary>Seconds of so many steps, by the clock on the wall and of this process's processors.</summary>
    public (double Wall, double Processor) Block(int steps)
    {
        var used = Environment.CpuUsage.TotalTime;
        var start = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < steps; i++)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var loss = nn.functional.cross_entropy(model.call(inputs[step % 4]), targets[step % 4]);
            loss.backward();
            if (watch is null)
            {
                optimizer.step();
            }
            else
            {
                watch.Step(loss, new BatchInfo { ExampleIds = ids });
            }

            step++;
        }

        return (TimeProvider.System.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - used).TotalSeconds);
    }

    public void Dispose()
    {
        watch?.Dispose();
        optimizer.Dispose();
        model.Dispose();
        foreach (var tensor in inputs.Concat(targets))
        {
            tensor.Dispose();
        }
    }
}
