using System.Runtime.CompilerServices;
using TorchSharp;

namespace TrainingMonitor.Evaluation.Tests.Support;

/// <summary>Recordings are made with one thread of torch, and so are the tests: waiting threads spin, which costs minutes on a busy machine.</summary>
internal static class OneThread
{
    [ModuleInitializer]
    public static void Use()
    {
        TrainingMonitor.TorchSharp.Native.NativeLibraryMend.EnsureLoadable();
        torch.set_num_threads(1);
    }
}
