namespace TrainingMonitor.EndToEndTests.Support;

/// <summary>Tests that share the browser.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserSet : ICollectionFixture<Browser>
{
    public const string Name = "browser";
}
