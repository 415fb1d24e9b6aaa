using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Native;

/// <summary>Where the elements of a tensor lie, by one native call of some 15 ns: <c>Tensor.bytes</c> takes seven times as long, which counts where a whole training step takes 100 µs.</summary>
internal static unsafe partial class TensorMemory
{
    private static readonly bool Direct = Works();

    /// <summary>The elements of a contiguous float32 tensor in the machine's memory; null where it is anything else.</summary>
    public static float* Floats(Tensor? tensor, long count)
    {
        if (tensor is null || tensor.dtype != ScalarType.Float32 || tensor.device_type != DeviceType.CPU
            || count == 0 || count * sizeof(float) > int.MaxValue || tensor.is_sparse || count != tensor.numel() || !tensor.is_contiguous())
        {
            return null;
        }

        // Native memory: it does not move, and the tensor is kept alive by the optimizer, the model or the caller until the pass is over.
        return (float*)(Direct ? Data(tensor.Handle) : Slow(tensor));
    }

    /// <summary>The value of a scalar, without the detour over a tensor of its own where it is a float in memory.</summary>
    public static double Scalar(Tensor tensor)
    {
        var p = Floats(tensor, 1);
        return p != null ? *p : tensor.detach().ToDouble();
    }

    [LibraryImport("LibTorchSharp", EntryPoint = "THSTensor_data")]
    private static partial nint Data(nint tensor);

    private static nint Slow(Tensor tensor)
    {
        fixed (byte* p = tensor.bytes)
        {
            return (nint)p;
        }
    }

    // Another TorchSharp may have it under another name.
    private static bool Works()
    {
        try
        {
            using var scope = NewDisposeScope();
            var probe = zeros(3, ScalarType.Float32);
            return Data(probe.Handle) == Slow(probe);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            return false;
        }
    }
}
