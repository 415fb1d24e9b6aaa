namespace TrainingMonitor.Protocol.Tests;

public sealed class Placeholder
{
    [Fact]
    public void Builds() => typeof(Placeholder).Namespace.ShouldNotBeNull();
}
