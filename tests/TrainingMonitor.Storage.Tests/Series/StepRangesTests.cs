using FsCheck;
using FsCheck.Xunit;
using TrainingMonitor.Storage.Series.DuckDb;

namespace TrainingMonitor.Storage.Tests.Series;

public sealed class StepRangesTests
{
    [Property]
    public void Each_step_is_shown_by_the_newest_segment_that_covers_it(byte[] numbers)
    {
        var segments = numbers.Chunk(2).Where(pair => pair.Length == 2).Take(8)
            .Select((pair, i) => new StepRange(i / 3, i % 3, pair[0] % 40, (pair[0] % 40) + (pair[1] % 20)))
            .ToList();
        var shown = StepRanges.Newest(segments);
        for (var step = 0; step < 70; step++)
        {
            var expected = segments.Where(s => s.From <= step && step <= s.To).Select(s => (s.Attempt, s.Segment)).DefaultIfEmpty((-1, -1)).Max();
            var actual = shown.Where(s => s.From <= step && step <= s.To).Select(s => (s.Attempt, s.Segment)).ToList();
            actual.ShouldBe(expected == (-1, -1) ? [] : [expected]);
        }
    }
}
