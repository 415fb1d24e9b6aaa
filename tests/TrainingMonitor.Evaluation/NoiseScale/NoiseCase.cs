namespace TrainingMonitor.Evaluation.NoiseScale;

/// <summary>A stream of simulated gradients whose noise scale is known at every step.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Units">Examples a step.</param>
/// <param name="TailFreedom">Degrees of freedom of a multivariate Student law; 0: Gaussian.</param>
/// <param name="Drifts">Whether signal and noise move by tens of percent over thousands of steps.</param>
internal sealed record NoiseCase(string Name, int Units, int TailFreedom, bool Drifts)
{
    /// <summary>Layers: coordinates, |G|², variance of one coordinate of one example. Noise scales of 6 to 360 examples.</summary>
    public static readonly (int Dimension, double Signal, double Variance)[] Layers = [(6, 1, 1), (18, 0.6, 1.5), (36, 0.2, 2)];

    /// <summary>All cases.</summary>
    public static IReadOnlyList<NoiseCase> All { get; } =
    [
        .. from units in new[] { 8, 32 }
           from tail in new[] { 0, 5 }
           from drifts in new[] { false, true }
           select new NoiseCase($"{(tail == 0 ? "Gaussian" : $"Student, {tail} degrees of freedom")}, {(drifts ? "drifting" : "stationary")}, {units} examples", units, tail, drifts),
    ];

    /// <summary>|G|² and tr Σ of a layer at a step.</summary>
    public (double Signal, double Trace) TruthAt(int layer, int step)
    {
        const double Period = 4000;
        var (dimension, signal, variance) = Layers[layer];
        var phase = Drifts ? 2 * Math.PI * step / Period : 0;
        return (signal * Math.Exp(Drifts ? 0.3 * Math.Sin(phase) : 0), dimension * variance * Math.Exp(Drifts ? 0.2 * Math.Cos(phase) : 0));
    }
}
