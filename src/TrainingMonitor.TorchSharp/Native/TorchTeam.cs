using System.Diagnostics;
using System.Runtime.InteropServices;

namespace TrainingMonitor.TorchSharp.Native;

/// <summary>Runs work on torch's own OpenMP threads. After the backward pass they still spin, awake: a thread of another pool would be woken first and would then
/// share their cores with them. Where torch's OpenMP is not found, the .NET pool does the work.</summary>
internal static unsafe class TorchTeam
{
    // void GOMP_parallel(void (*fn)(void*), void* data, unsigned num_threads, unsigned flags), the entry that compilers call for "#pragma omp parallel".
    private static readonly delegate* unmanaged<delegate* unmanaged<nint, void>, nint, uint, uint, void> Fork = Find();

    /// <summary>Whether torch's threads are used.</summary>
    public static bool IsNative => Fork != null;

    /// <summary>Runs body(0..count−1), each once, in any order; returns when all are done. The body must not throw.</summary>
    public static void Run(int count, int threads, Action<int> body)
    {
        if (threads < 2 || count < 2)
        {
            for (var i = 0; i < count; i++)
            {
                body(i);
            }
        }
        else if (Fork == null)
        {
            Parallel.For(0, count, body);
        }
        else
        {
            var work = new Work { Body = body, Count = count };
            var handle = GCHandle.Alloc(work);
            try
            {
                Fork(&Enter, GCHandle.ToIntPtr(handle), (uint)Math.Min(threads, count), 0);
            }
            finally
            {
                handle.Free();
            }

            work.Error?.Throw();
        }
    }

    [UnmanagedCallersOnly]
    private static void Enter(nint state)
    {
        var work = (Work)GCHandle.FromIntPtr(state).Target!;
        try
        {
            for (var i = Interlocked.Increment(ref work.Taken) - 1; i < work.Count; i = Interlocked.Increment(ref work.Taken) - 1)
            {
                work.Body(i);
            }
        }
        catch (Exception e)
        {
            // Must not pass through a native frame; the caller throws it again.
            work.Error = System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(e);
        }
    }

    private static delegate* unmanaged<delegate* unmanaged<nint, void>, nint, uint, uint, void> Find()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            using var process = Process.GetCurrentProcess();
            foreach (ProcessModule module in process.Modules)
            {
                // Looked up through torch's library: the symbol is then that of the OpenMP it is linked with, whatever else is loaded.
                if (Path.GetFileName(module.FileName).StartsWith("libtorch_cpu.so", StringComparison.Ordinal)
                    && NativeLibrary.TryLoad(module.FileName, out var torch) && NativeLibrary.TryGetExport(torch, "GOMP_parallel", out var address))
                {
                    return (delegate* unmanaged<delegate* unmanaged<nint, void>, nint, uint, uint, void>)address;
                }
            }
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception or NotSupportedException or IOException)
        {
            Trace.TraceWarning($"training monitor: torch's threads are not used: {e.Message}");
        }

        return null;
    }

    private sealed class Work
    {
        public required Action<int> Body;
        public required int Count;
        public int Taken;
        public System.Runtime.ExceptionServices.ExceptionDispatchInfo? Error;
    }
}
