using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Protocol.Validation;
using TrainingMonitor.Protocol.Wire;
using TrainingMonitor.Runs.State;
using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Benchmarks.Ingest;

/// <summary>What a step costs in each stage of the server, one stage after the other in this process, without transport and actors.</summary>
internal sealed class IngestStages : IDisposable
{
    private const string RunId = "stages";
    private readonly string folder = Directory.CreateTempSubdirectory("trainmon-stages").FullName;
    private readonly StringBuilder report = new("| steps a frame | stage | µs/step | KiB allocated/step |\n|---|---|---|---|\n");
    private readonly int layers;
    private readonly int steps;

    private IngestStages(int layers, int steps) => (this.layers, this.steps) = (layers, steps);

    public static async Task<string> RunAsync(int layers, int steps)
    {
        using var stages = new IngestStages(layers, steps);
        foreach (var stepsPerFrame in new[] { 1, 8 })
        {
            await stages.MeasureAsync(stepsPerFrame, keep: false);
            await stages.MeasureAsync(stepsPerFrame, keep: false);
            await stages.MeasureAsync(stepsPerFrame, keep: true);
        }

        return stages.report.ToString();
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private async Task MeasureAsync(int stepsPerFrame, bool keep)
    {
        var reader = new FrameReader(FrameLimits.Default);
        var validator = new FrameValidator(FrameLimits.Default);
        var factory = new FrameFactory(layers, stepsPerFrame);
        var table = factory.LayerTable();
        var raw = Enumerable.Range(0, steps / stepsPerFrame).Select(_ => factory.Next(out var _)).ToArray();
        var frames = new TrainerFrame[raw.Length];
        Add("read and validate", keep, stepsPerFrame, () =>
        {
            for (var i = 0; i < raw.Length; i++)
            {
                _ = reader.Read(new RawTrainerFrame(raw[i]), out var frame) ?? validator.Validate(frame!);
                frames[i] = frame!;
            }
        });

        var machine = new RunStateMachine(RunId);
        var output = new RunOutput();
        machine.Apply(new Input { Opened = new Opened { Hello = FrameFactory.Hello(RunId) } }, output);
        machine.Apply(0, 0, TrainerFrame.Parser.ParseFrom(table), output);
        Add("judge and apply", keep, stepsPerFrame, () =>
        {
            foreach (var frame in frames)
            {
                _ = machine.Judge(0, frame);
                machine.Apply(0, 0, frame, output);
            }
        });
        var all = output.Take(RunId, 1, "", null);
        await LogAsync(raw, stepsPerFrame, keep);
        await StoreAsync(all, stepsPerFrame, keep);
    }

    private async Task LogAsync(byte[][] raw, int stepsPerFrame, bool keep)
    {
        var path = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        await using var log = FrameLog.Open(new FrameLogOptions { Folder = path }, NullLogger<FrameLog>.Instance, TimeProvider.System);
        Add("frame log", keep, stepsPerFrame, () =>
        {
            foreach (var frame in raw)
            {
                log.Append(FrameRecordKind.Frame, RunId, 0, 0, frame, Nobody.Instance);
                while (log.PendingBytes > 2 << 20)
                {
                    Thread.Sleep(1);
                }
            }

            while (log.DurablePosition < log.LastPosition)
            {
                Thread.Sleep(1);
            }
        });
    }

    private async Task StoreAsync(RunWrites all, int stepsPerFrame, bool keep)
    {
        const int Batch = 3000;
        var path = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        await using var store = DuckDbSeriesStore.Open(new DuckDbOptions { Path = path }, NullLogger<DuckDbSeriesStore>.Instance, TimeProvider.System);
        var batches = all.Points.Chunk(Batch).Select((points, i) => new RunWrites(RunId, i + 1)
        {
            Points = points,
            Blocks = [.. all.Blocks.Where(block => block.LastStep >= points[0].Step && block.LastStep <= points[^1].Step)],
            Row = new RunRow([], new byte[2000]),
        }).ToList();
        Add("series store", keep, stepsPerFrame, () =>
        {
            foreach (var batch in batches)
            {
                store.WriteAsync([batch], CancellationToken.None).GetAwaiter().GetResult();
            }
        });
    }

    private void Add(string stage, bool keep, int stepsPerFrame, Action work)
    {
        GC.Collect();
        var (allocated, used, clock) = (GC.GetTotalAllocatedBytes(precise: true), Environment.CpuUsage.TotalTime, Stopwatch.StartNew());
        work();
        var micros = clock.Elapsed.TotalMicroseconds / steps;
        var cpu = (Environment.CpuUsage.TotalTime - used).TotalMicroseconds / steps;
        var bytes = (double)(GC.GetTotalAllocatedBytes(precise: true) - allocated) / steps;
        if (keep)
        {
            report.AppendLine(CultureInfo.InvariantCulture, $"| {stepsPerFrame} | {stage} | {cpu:F1} ({micros:F1} elapsed) | {bytes / 1024:F1} |");
        }
    }

    private sealed class Nobody : IFrameLogObserver
    {
        public static readonly Nobody Instance = new();

        public void OnDurable(long position)
        {
        }

        public void OnFailed(Exception error)
        {
        }
    }
}
