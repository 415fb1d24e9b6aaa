using System.Runtime.CompilerServices;
using TrainingMonitor.TorchSharp.Native;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Tests.Support;

/// <summary>The nets here are tiny: with more threads on a busy machine torch only waits for its own.</summary>
internal static class OneThread
{
    [ModuleInitializer]
    internal static void Set()
    {
        NativeLibraryMend.EnsureLoadable();
        set_num_threads(1);
    }
}
