using FsCheck;
using FsCheck.Xunit;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Storage.Tests.Series;

/// <summary>Buckets of random runs (rewinds, restarts, gaps, NaN) on every axis against the brute-force oracle.</summary>
public abstract class SeriesBucketProperties
{
    private static readonly string[] Names = ["loss", "tokens", "sharpness", "accuracy"];
    private int runs;

    /// <summary>The same store for all runs of a test.</summary>
    protected abstract ISeriesStore Store { get; }

    [Property(MaxTest = 40)]
    public void Buckets_are_those_of_the_oracle(int seed, PositiveInt size, byte axis, byte select)
    {
        var random = new Random(seed);
        var points = RandomRun(random, 1 + (size.Get * 7 % 200));
        var runId = $"run{runs++}";
        Store.WriteAsync([new RunWrites(runId, 1) { Points = points }], CancellationToken.None).GetAwaiter().GetResult();
        var request = new SeriesRequest { RunId = runId, Names = { Names }, XAxis = (XAxis)(axis % 6), MaxBuckets = (uint)random.Next(0, 40) };
        if (select % 4 == 1)
        {
            request.Attempt = (uint)points[random.Next(points.Count)].Attempt;
        }

        if (select % 4 == 2)
        {
            (request.Attempt, request.Segment) = ((uint)points[0].Attempt, (uint)points[0].Segment);
        }

        if (select % 3 == 1 && request.XAxis is XAxis.Step or XAxis.Samples)
        {
            request.From = random.Next(0, 100);
            request.To = request.From + random.Next(0, 100);
        }

        var expected = SeriesOracle.Read(points, request);
        var actual = Store.GetSeriesAsync(request, CancellationToken.None).GetAwaiter().GetResult().Series;
        actual.Count.ShouldBe(expected.Count);
        for (var i = 0; i < actual.Count; i++)
        {
            actual[i].ToString().ShouldBe(expected[i].ToString());
        }
    }

    private static List<RunPoint> RandomRun(Random random, int count)
    {
        var points = new List<RunPoint>();
        var (attempt, segment, step, samples) = (0, 0, random.Next(0, 5), 0.0);
        for (var i = 0; i < count; i++)
        {
            if (i > 0 && random.Next(25) == 0)
            {
                step = Math.Max(0, step - random.Next(1, 40));
                if (random.Next(2) == 0)
                {
                    segment++;
                }
                else
                {
                    (attempt, segment, samples) = (attempt + 1, 0, 0);
                }
            }

            samples += random.Next(1, 4);
            points.Add(SampleWrites.Point(
                step,
                attempt,
                segment,
                (RunSeries.Loss, Value(random)),
                (RunSeries.Accuracy, Value(random)),
                (RunSeries.Samples, samples),
                (RunSeries.Epoch, samples / 50)));
            if (random.Next(3) > 0)
            {
                points[^1].Values[(int)RunSeries.Tokens] = random.Next(1, 1000);
            }

            if (random.Next(10) == 0)
            {
                points[^1].Values[(int)RunSeries.Sharpness] = random.NextDouble();
            }

            step += random.Next(1, 3);
        }

        return points;
    }

    private static double Value(Random random) => random.Next(12) switch
    {
        0 => double.NaN,
        1 => double.PositiveInfinity,
        2 => -0.0,
        _ => Math.Round((random.NextDouble() * 20) - 10, 2),
    };
}
