using TrainingMonitor.EndToEndTests.Support;

namespace TrainingMonitor.Grafana.Tests.Support;

/// <summary>Tests that share the filled influxd and the browser.</summary>
[CollectionDefinition(Name)]
public sealed class RecordedSet : ICollectionFixture<RecordedData>, ICollectionFixture<Browser>
{
    public const string Name = "recorded";
}
