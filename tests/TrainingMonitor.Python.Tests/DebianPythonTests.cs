namespace TrainingMonitor.Python.Tests;

/// <summary>The PyTorch client on the Python and torch of Debian 12.</summary>
public sealed class DebianPythonTests
{
    [Theory]
    [MemberData(nameof(PythonModules.All), MemberType = typeof(PythonModules))]
    public Task Module(string module) => PythonModules.RunAsync(PythonInterpreter.Debian, module);

    [Fact]
    public void There_are_modules() => PythonModules.All.Count.ShouldBeGreaterThanOrEqualTo(6);
}
