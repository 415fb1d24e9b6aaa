using System.Numerics;

namespace TrainingMonitor.Runs.State;

/// <summary>How wide a layer window is: docs/design/042. Width 1 for the first 512 steps of a segment, then doubling with every doubling of its length, so that
/// every octave has 256 windows; large models start wider, so that a window is never made for fewer than about 1000 layers a step.</summary>
internal static class WindowWidth
{
    /// <summary>Windows in each doubling of a segment's length.</summary>
    public const int WindowsAnOctave = 256;

    private const int LayersAStep = 1024;

    /// <summary>Start and width of the window a step opens.</summary>
    /// <param name="step">The step.</param>
    /// <param name="segmentStart">First step of the segment.</param>
    /// <param name="previousEnd">Exclusive end of the window before; windows do not overlap.</param>
    /// <param name="layers">Layers of the table.</param>
    public static (long Start, long Width) At(long step, long segmentStart, long previousEnd, int layers)
    {
        var smallest = (long)BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, layers / LayersAStep));
        var wanted = Math.Max(1, (step - segmentStart) / WindowsAnOctave);
        var width = Math.Max(smallest, 1L << BitOperations.Log2((ulong)wanted));
        while (width > 1 && (step & ~(width - 1)) < previousEnd)
        {
            width >>= 1;
        }

        return (step & ~(width - 1), width);
    }
}
