namespace TrainingMonitor.Client.Tests;

public sealed class Placeholder
{
    [Fact]
    public void Builds() => typeof(Placeholder).Namespace.ShouldNotBeNull();
}
