using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using TrainingMonitor.Client;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Hosting;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainingMonitor.TorchSharp.Tests.Parity;

/// <summary>Whole trainings from the data, weights and order that the PyTorch client's runs had (src/python/tests/server/whole_runs.py): a server raises the same alerts, within an epoch.</summary>
public sealed class WholeRunTests : IAsyncLifetime
{
    private const int Examples = 1000, Batch = 50, Pixels = 64, Hidden = 128, Classes = 10, StepsPerEpoch = Examples / Batch;

    private static readonly Dictionary<string, Case> Cases = ParityFile.Read<Dictionary<string, Case>>("runs.json");
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("trainmon-parity-");
    private readonly HttpClient http = new();
    private MonitorServer server = null!;

    public static TheoryData<string> Names { get; } = [.. Cases.Keys];

    public async ValueTask InitializeAsync()
    {
        server = await MonitorServer.StartAsync(
            new ServerOptions { DataFolder = Path.Combine(folder.FullName, "data"), NoAuth = true, GrpcPort = 0, HttpPort = 0 }, TestContext.Current.CancellationToken);
        http.BaseAddress = server.HttpAddress;
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        http.Dispose();
        folder.Delete(recursive: true);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Alerts_come_within_an_epoch_of_those_of_PyTorch(string name)
    {
        var expected = Cases[name];
        Train(name, expected);
        var alerts = await AlertsAsync(name, TestContext.Current.CancellationToken);
        alerts.Keys.Order(StringComparer.Ordinal).ShouldBe(expected.Alerts.Keys.Order(StringComparer.Ordinal));
        foreach (var (rule, epoch) in expected.Alerts)
        {
            alerts[rule].ShouldBe(epoch, 1.0, rule);
        }
    }

    private static optim.Optimizer Optimizer(string name, Module model) => name switch
    {
        "adam-noise" or "adam-clean" => optim.Adam(model.parameters(), lr: 1e-3),
        "adamw-random" => optim.AdamW(model.parameters(), lr: 2e-3, weight_decay: 0.1),
        "sgd-diverging" => optim.SGD(model.parameters(), 3e4),
        _ => throw new ArgumentException(name, nameof(name)),
    };

    private static (Tensor Images, Tensor Labels) Data(SplitMix random, double noise)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(ParityFile.Path("src", "TrainingMonitor.Examples", "Data", "digits.csv.gz")), CompressionMode.Decompress));
        var images = new float[Examples * Pixels];
        var labels = new long[Examples];
        for (var i = 0; i < Examples; i++)
        {
            var row = reader.ReadLine()!.Split(',').Select(value => int.Parse(value, CultureInfo.InvariantCulture)).ToArray();
            for (var j = 0; j < Pixels; j++)
            {
                images[(i * Pixels) + j] = row[j] / 16f;
            }

            labels[i] = random.Uniform() < noise ? random.Below(Classes) : row[Pixels];
        }

        return (tensor(images, [Examples, Pixels]), tensor(labels));
    }

    private static void Fill(Module<Tensor, Tensor> model, SplitMix random)
    {
        using var scope = no_grad();
        var scale = 0.0;
        foreach (var parameter in model.parameters())
        {
            // A bias has the scale of the matrix before it.
            scale = parameter.dim() == 2 ? 1 / Math.Sqrt(parameter.shape[1]) : scale;
            var values = Enumerable.Range(0, (int)parameter.numel()).Select(_ => (float)(scale * ((2 * random.Uniform()) - 1))).ToArray();
            parameter.copy_(tensor(values).view(parameter.shape));
        }
    }

    private void Train(string name, Case training)
    {
        using var all = NewDisposeScope();
        var random = new SplitMix(training.Seed);
        var (images, labels) = Data(random, training.Noise);
        using var model = Sequential(("a", Linear(Pixels, Hidden)), ("r", ReLU()), ("b", Linear(Hidden, Hidden)), ("s", ReLU()), ("c", Linear(Hidden, Classes)));
        Fill(model, random);
        using var optimizer = Optimizer(name, model);
        using var watch = TrainingWatch.Start(model, optimizer, new WatchOptions
        {
            Client = new ClientOptions { Server = server.GrpcAddress, RunId = name, Enabled = true, SpillFolder = Path.Combine(folder.FullName, "spill"), ExitTimeout = TimeSpan.FromSeconds(60) },
            PairInterval = 1, ExactInterval = 1, DatasetSize = Examples, BatchSize = Batch, Sampling = SamplingScheme.Shuffled,
        });
        long[] order = [];
        for (var step = 0; step < training.Epochs * StepsPerEpoch; step++)
        {
            using var scope = NewDisposeScope();
            var at = step % StepsPerEpoch * Batch;
            order = at == 0 ? random.Permutation(Examples) : order;
            var batch = order[at..(at + Batch)];
            var rows = tensor(batch);
            optimizer.zero_grad();
            var loss = functional.cross_entropy(model.call(images[rows]), labels[rows]);
            loss.backward();
            watch.Step(loss, new BatchInfo { ExampleIds = batch });
        }
    }

    // The epoch in which each rule fired first.
    private async Task<Dictionary<string, double>> AlertsAsync(string run, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        var stop = limit.Token;
        while (!(await http.GetStringAsync(new Uri($"/api/v1/runs/{run}", UriKind.Relative), stop)).Contains("RUN_STATE_FINISHED", StringComparison.Ordinal)
            || !(await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), stop)).Contains("\ntrainmon_series_points_waiting 0\n", StringComparison.Ordinal))
        {
            await Task.Delay(50, stop);
        }

        using var answer = JsonDocument.Parse(await http.GetStringAsync(new Uri($"/api/v1/runs/{run}/alerts", UriKind.Relative), stop));
        var first = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var alert in answer.RootElement.TryGetProperty("alerts", out var alerts) ? alerts.EnumerateArray() : default)
        {
            if (alert.GetProperty("state").GetString() == "ALERT_STATE_FIRING")
            {
                first.TryAdd(alert.GetProperty("rule").GetString()!, long.Parse(alert.GetProperty("step").GetString()!, CultureInfo.InvariantCulture) / (double)StepsPerEpoch);
            }
        }

        return first;
    }

    internal sealed record Case(ulong Seed, double Noise, int Epochs, Dictionary<string, double> Alerts);
}
