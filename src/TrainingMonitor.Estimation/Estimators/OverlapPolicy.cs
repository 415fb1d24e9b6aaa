using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Estimation.Estimators;

/// <summary>Without example ids: may the plain cross term stand for fresh examples? Yes where every example is new, and where an epoch is long against
/// the momentum's memory 1/(1−β), so that the expected overlap of a shuffled batch with the momentum, mean z = ((1−β^K)/(K(1−β)))², is below 0.25 (K steps
/// an epoch; 20 steps at β = 0.9 give 0.19). The leftover overlap counts as gain, so M errs towards silence.</summary>
internal static class OverlapPolicy
{
    /// <summary>Largest expected overlap.</summary>
    public const double Largest = 0.25;

    /// <summary>Whether the plain cross term may be used.</summary>
    public static bool AllowsPlainCross(RunConfiguration configuration)
    {
        if (configuration.Sampling == SamplingScheme.Streaming)
        {
            return true;
        }

        double steps = StepsPerEpoch(configuration), beta = configuration.EffectiveMomentum;
        if (configuration.Sampling is not (SamplingScheme.Shuffled or SamplingScheme.Sequential) || !(steps > 1) || !(beta < 1))
        {
            return false;
        }

        var root = (1 - Math.Pow(beta, steps)) / (steps * (1 - beta));
        return root * root < Largest;
    }

    /// <summary>Steps an epoch as declared, else n/b; 0: unknown.</summary>
    public static double StepsPerEpoch(RunConfiguration configuration) =>
        configuration.StepsPerEpoch > 0 ? configuration.StepsPerEpoch
        : configuration.BatchSize > 0 ? (double)configuration.DatasetSize / configuration.BatchSize
        : 0;
}
