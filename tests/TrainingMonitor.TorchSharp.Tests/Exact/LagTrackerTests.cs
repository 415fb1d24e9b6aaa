using TrainingMonitor.TorchSharp.Exact;

namespace TrainingMonitor.TorchSharp.Tests.Exact;

/// <summary>The bounded memory of lags against one that keeps every example for ever.</summary>
public sealed class LagTrackerTests
{
    [Theory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    [InlineData(0.99)]
    public void Forgetting_changes_no_z(double beta)
    {
        var random = new Random(7);
        var tracker = new LagTracker(() => beta);
        var all = new Dictionary<long, long>();
        double largest = 0;
        for (long step = 0; step < 20_000; step++)
        {
            // Mostly a stream of new examples, with returns after 1, a few, and thousands of steps.
            var ids = Enumerable.Range(0, 8).Select(i => random.Next(4) switch
            {
                0 => (step * 8) - (8 * random.Next(1, 4)) + i,
                1 => (step * 8) - random.Next(20_000),
                _ => (step * 8) + i,
            }).ToArray();
            var z = tracker.Lags(ids, step);
            for (var i = 0; i < ids.Length; i++)
            {
                var expected = all.TryGetValue(ids[i], out var seen) ? Math.Pow(beta, step - seen - 1) : 0;
                largest = Math.Max(largest, Math.Abs(z[i] - expected));
            }

            tracker.Remember(ids, step);
            foreach (var id in ids)
            {
                all[id] = step;
            }
        }

        largest.ShouldBeLessThanOrEqualTo(1e-9);

        // 8 examples a step, twice those of the last ln(1e-10)/ln β steps.
        var horizon = Math.Log(1e-10) / Math.Log(Math.Max(beta, 0.95));
        tracker.Count.ShouldBeLessThanOrEqualTo((int)(2 * 8 * (horizon + 2)) + 1024);
        all.Count.ShouldBeGreaterThan(2 * tracker.Count);
    }

    [Fact]
    public void A_momentum_that_grows_finds_what_it_needs()
    {
        var beta = 0.85;
        var tracker = new LagTracker(() => beta);
        for (long step = 0; step < 5000; step++)
        {
            tracker.Remember([step], step);
        }

        beta = 0.95;
        tracker.Lags([4999 - 300], 5000)[0].ShouldBe(Math.Pow(0.95, 300), 1e-12);
    }
}
