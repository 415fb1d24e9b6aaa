using System.Globalization;

namespace TrainingMonitor.EndToEndTests.Support;

/// <summary>Seeds that long tests are repeated with: few here, more where TRAINMON_TEST_SEEDS says so (.ci/long).</summary>
public static class Seeds
{
    /// <summary>0, 1, … : so many as asked for, but at least <paramref name="least"/>.</summary>
    public static TheoryData<int> From(int least) =>
        [.. Enumerable.Range(0, int.TryParse(Environment.GetEnvironmentVariable("TRAINMON_TEST_SEEDS"), CultureInfo.InvariantCulture, out var asked) ? Math.Max(least, asked) : least)];
}
