using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Storage.Series;

/// <summary>A closed window of layer statistics: for each series and layer min, max, mean, last and the non-finite count over the steps of the window.
/// Arrays are indexed [series * layers + layer] with <see cref="LayerSeries"/>; float32 is enough for a picture.</summary>
/// <param name="Attempt">Attempt ordinal.</param>
/// <param name="Segment">Segment of the attempt.</param>
/// <param name="FirstStep">First step of the window, a multiple of <paramref name="Width"/>.</param>
/// <param name="Width">Width in steps, a power of two.</param>
/// <param name="LastStep">Last step seen in it.</param>
/// <param name="TimeUnixNs">Stamp of the first step seen in it.</param>
/// <param name="TableVersion">Layer table of the block.</param>
/// <param name="LayerNames">Names, in table order; shared between blocks.</param>
/// <param name="Count">Finite values [series * layers + layer].</param>
/// <param name="NonFinite">Non-finite values, likewise.</param>
/// <param name="Min">Smallest, NaN where Count is 0.</param>
/// <param name="Max">Largest.</param>
/// <param name="Mean">Mean.</param>
/// <param name="Last">Last finite.</param>
public sealed record LayerBlock(
    int Attempt,
    int Segment,
    long FirstStep,
    long Width,
    long LastStep,
    long TimeUnixNs,
    int TableVersion,
    IReadOnlyList<string> LayerNames,
    int[] Count,
    int[] NonFinite,
    float[] Min,
    float[] Max,
    float[] Mean,
    float[] Last);
