using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Queries;

namespace TrainingMonitor.Server.Pages.Charts;

/// <summary>Finds the place of a step on another axis, by the series that says it (epoch, samples).</summary>
internal sealed class StepAxis(RunQueries queries, string runId)
{
    private Series? steps;

    /// <summary>Reads what is needed for an axis.</summary>
    public async Task LoadAsync(XAxis axis, CancellationToken cancellationToken)
    {
        steps = null;
        if (axis is not (XAxis.Epoch or XAxis.Samples))
            return;
        var request = new SeriesRequest { RunId = runId, Names = { axis == XAxis.Epoch ? "epoch" : "samples" }, XAxis = XAxis.Step };
        steps = (await queries.GetSeriesAsync(request, cancellationToken)).Series.MaxBy(s => (s.Attempt, s.Segment));
    }

    /// <summary>Position of an alert on the axis; NaN where it cannot be told.</summary>
    public double Place(Alert alert, XAxis axis) => axis switch
    {
        XAxis.Time => alert.TimeUnixNs / 1e9,
        XAxis.Epoch or XAxis.Samples => Interpolate(alert.Step),
        _ => alert.Step,
    };

    private double Interpolate(double step)
    {
        if (steps is null || steps.X.Count == 0)
            return double.NaN;
        var right = 0;
        while (right < steps.X.Count && steps.X[right] < step)
            right++;
        if (right == 0 || right == steps.X.Count)
            return steps.Last[Math.Min(right, steps.X.Count - 1)];
        var share = (step - steps.X[right - 1]) / (steps.X[right] - steps.X[right - 1]);
        return steps.Last[right - 1] + share * (steps.Last[right] - steps.Last[right - 1]);
    }
}
