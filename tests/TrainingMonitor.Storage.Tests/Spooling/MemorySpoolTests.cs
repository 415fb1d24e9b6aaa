using TrainingMonitor.Storage.Spooling;

namespace TrainingMonitor.Storage.Tests.Spooling;

public sealed class MemorySpoolTests : SpoolContract
{
    protected override ISpool Open(long capBytes) => new MemorySpool(capBytes);
}
