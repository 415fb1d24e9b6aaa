namespace TrainingMonitor.Python.Tests;

/// <summary>The PyTorch client on the Python and torch of Debian testing.</summary>
public sealed class TestingPythonTests
{
    [Theory]
    [MemberData(nameof(PythonModules.OfAnyPython), MemberType = typeof(PythonModules))]
    public Task Module(string module) => PythonModules.RunAsync(PythonInterpreter.Testing, module);
}
