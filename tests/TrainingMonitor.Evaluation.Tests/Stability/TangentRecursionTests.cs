using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Stability;
using static TorchSharp.torch;

namespace TrainingMonitor.Evaluation.Tests.Stability;

/// <summary>The exponent of a recorded run on a quadratic, against the spectral radius of the optimizer's matrix in each sharp direction.</summary>
public sealed class TangentRecursionTests
{
    private const int Examples = 64;
    private const int Dimensions = 10;
    private const double Largest = 2;
    private const double Power = 0.7;

    [Theory]
    [InlineData(0.9, 0.0, false)]
    [InlineData(1.05, 0.0, false)]
    [InlineData(1.5, 0.9, false)]
    [InlineData(1.91, 0.9, false)]
    [InlineData(0.66, 0.8, true)]
    public void Is_the_growth_of_the_optimizers_matrix(double rate, double momentum, bool nesterov)
    {
        var training = new StabilityTraining
        {
            Problem = StabilityProblem.Quadratic(Examples, Dimensions, Largest, Power),
            Optimizer = parameters => optim.SGD(parameters, rate, momentum: momentum, nesterov: nesterov),
            BatchSize = Examples,
            Steps = 200,
        };
        var session = new RecordingSession(3);
        random.manual_seed(3);
        using (NewDisposeScope())
        {
            training.Run(session);
        }

        var sharp = Enumerable.Range(1, Dimensions).Select(k => Largest * Math.Pow(k, -Power)).Where(l => l >= SharpSpace.Share * Largest);
        var expected = sharp.Max(l => Math.Log(Radius(rate * l, momentum, nesterov)));
        var curves = session.Curves.ToCurves();
        curves[StabilityCurve.Exponent].Values[2..].Average().ShouldBe(expected, 0.012); // after the first windows, in which the momentum settles
        curves[StabilityCurve.Sharpness].Values.ShouldAllBe(value => Math.Abs(value - Largest) < 1e-3);
    }

    private static double Radius(double x, double momentum, bool nesterov)
    {
        var (trace, determinant) = nesterov ? ((1 + momentum) * (1 - x), momentum * (1 - x)) : (1 + momentum - x, momentum);
        var square = (trace * trace) - (4 * determinant);
        return square >= 0 ? (Math.Abs(trace) + Math.Sqrt(square)) / 2 : Math.Sqrt(determinant);
    }
}
