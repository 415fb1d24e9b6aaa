using System.Globalization;

namespace TrainingMonitor.Estimation.Tests.Detection;

/// <summary>Seeds a real run is repeated with: 1, or what TRAINMON_TEST_SEEDS says for the tables of the documentation.</summary>
public static class TestSeeds
{
    public static int Count { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("TRAINMON_TEST_SEEDS"), CultureInfo.InvariantCulture, out var count) ? Math.Max(1, count) : 1;
}
