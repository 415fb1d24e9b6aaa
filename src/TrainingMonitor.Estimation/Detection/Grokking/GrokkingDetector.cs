using System.Globalization;
using TrainingMonitor.Estimation.Detection.Statistics;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Grokking;

/// <summary>After memorization: is grokking on its way, has it begun, or does memorization stay? The climb of the LOO ratio ρ is the signal, not
/// its level: strong weight decay holds ρ above 1 on random labels, flat.</summary>
public sealed class GrokkingDetector : Detector
{
    /// <summary>Below this loss float32 gradients cancel and ρ jumps by itself: readings are left out.</summary>
    public const double LeastLoss = 1e-6;

    // ρ must have risen this much since its lowest after memorization: on its way, begun.
    private const double LeastRise = 0.05;
    private const double LeastRiseBegun = 0.1;
    private const double BelowOne = 0.95;

    // In times of the age, the steps since memorization. Positives at p = 23 … 59 meet 2 before held-out accuracy passes 20%; plateaus
    // (random labels, too little data) pass through 2.7 at the least while they rise, and beyond 10 soon.
    private const double NearAges = 2;
    private const double LostAges = 4;
    private const double FarAges = 10;
    private const double HoldOnItsWay = 0.1;
    private const double HoldStays = 0.25;
    private const double LeastLateSlope = 0.5;

    // Least age: in times of the steps memorization took, and in steps.
    private const double LeastAgeOnItsWay = 0.75;
    private const double LeastAgeStays = 4;
    private const long LeastStepsOnItsWay = 20;
    private const long LeastStepsStays = 100;

    private readonly MemorizedClock clock = new();
    private readonly TrendBuffer history = new();
    private readonly AlertLifecycle onItsWay = new(GrokkingRules.OnItsWay);
    private readonly AlertLifecycle begun = new(GrokkingRules.Begun);
    private readonly AlertLifecycle stays = new(GrokkingRules.Stays);
    private HeldCondition near;
    private HeldCondition lost;
    private HeldCondition far;
    private HeldCondition above;
    private HeldCondition below;
    private double lowest = double.PositiveInfinity;

    /// <inheritdoc/>
    public override void Apply(in DetectorContext context, FindingSink sink)
    {
        clock.Add(context);
        var ratio = context[RunSeries.LooRatio];
        if (clock.Since < 0 || !double.IsFinite(ratio) || !(clock.Loss >= LeastLoss))
        {
            return;
        }

        history.Add(context.Step, ratio);
        var age = context.Step - clock.Since;
        if (age < LeastStepsOnItsWay || !ClimbForecast.TryFit(history, clock.Since, context.Step, out var climb))
        {
            return;
        }

        lowest = Math.Min(lowest, Lowest());
        UpdateOnItsWay(context, sink, climb, age);
        UpdateBegun(context, sink, climb, age);
        UpdateStays(context, sink, climb, age);
    }

    /// <inheritdoc/>
    public override void BeginSegment(in DetectorContext context, FindingSink sink)
    {
        const string Summary = "A new segment began: ρ is judged afresh.";
        onItsWay.Close(context, sink, Summary);
        begun.Close(context, sink, Summary);
        stays.Close(context, sink, Summary);
        clock.Reset();
        history.Reset();
        near = lost = far = above = below = default;
        lowest = double.PositiveInfinity;
    }

    /// <inheritdoc/>
    public override void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        clock.Save(writer);
        history.Save(writer);
        onItsWay.Save(writer);
        begun.Save(writer);
        stays.Save(writer);
        near.Save(writer);
        lost.Save(writer);
        far.Save(writer);
        above.Save(writer);
        below.Save(writer);
        writer.Write(lowest);
    }

    /// <inheritdoc/>
    public override void Load(ref StateReader reader)
    {
        clock.Load(ref reader);
        history.Load(ref reader);
        onItsWay.Load(ref reader);
        begun.Load(ref reader);
        stays.Load(ref reader);
        near.Load(ref reader);
        lost.Load(ref reader);
        far.Load(ref reader);
        above.Load(ref reader);
        below.Load(ref reader);
        lowest = reader.ReadDouble();
    }

    private void UpdateOnItsWay(in DetectorContext context, FindingSink sink, in ClimbForecast climb, long age)
    {
        var holds = climb.Now < 1 && climb.SlopeLow > 0 && climb.Now - lowest >= LeastRise && climb.Remaining <= NearAges * age
            && climb.LateSlope >= LeastLateSlope * climb.Slope && age >= LeastAgeOnItsWay * (clock.Since - clock.FirstStep);
        var isNear = near.Update(holds, context.Step, HoldOnItsWay * age);
        var isLost = lost.Update(climb.Now < 1 && climb.Remaining > LostAges * age, context.Step, HoldStays * age);
        if (isNear && !onItsWay.IsFiring && !begun.IsFiring)
        {
            onItsWay.Fire(context, sink, Describe(context, climb), clock.Since);
            stays.Close(context, sink, "ρ climbs towards 1 after all.");
        }
        else if (isLost && onItsWay.IsFiring)
        {
            onItsWay.Resolve(context, sink, new AlertEvidence(climb.Now, 1, climb.WindowFrom, Format($"The climb has stopped: ρ is {climb.Now:0.00}.")));
        }
    }

    private void UpdateBegun(in DetectorContext context, FindingSink sink, in ClimbForecast climb, long age)
    {
        var rose = climb.Now - lowest >= LeastRiseBegun && lowest < BelowOne;
        var isAbove = above.Update(climb.Now >= 1 && rose, context.Step, HoldOnItsWay * age);
        var isBelow = below.Update(climb.Now < BelowOne, context.Step, HoldStays * age);
        if (isAbove && !begun.IsFiring)
        {
            var summary = Format($"The run memorized at step {clock.Since}; ρ has risen from {lowest:0.00} to {climb.Now:0.00} and stays above 1: generalization has begun.");
            begun.Fire(context, sink, new AlertEvidence(climb.Now, 1, climb.WindowFrom, summary), above.Since);
            onItsWay.Close(context, sink, "ρ has passed 1: grokking has begun.");
            stays.Close(context, sink, "ρ has passed 1 after all.");
        }
        else if (isBelow && begun.IsFiring)
        {
            begun.Resolve(context, sink, new AlertEvidence(climb.Now, 1, climb.WindowFrom, Format($"ρ has fallen back to {climb.Now:0.00}.")));
        }
    }

    private void UpdateStays(in DetectorContext context, FindingSink sink, in ClimbForecast climb, long age)
    {
        var flat = climb.Now < 1 && climb.Remaining > FarAges * age
            && age >= LeastAgeStays * (clock.Since - clock.FirstStep) && age >= LeastStepsStays;
        if (far.Update(flat, context.Step, HoldStays * age) && !stays.IsFiring && !onItsWay.IsFiring)
        {
            var summary = Format($"The run memorized at step {clock.Since} and ρ stays at {climb.Now:0.00} (slope {climb.Slope * 1000:+0.000;-0.000} per 1000 steps): examples do not help each other, memorization stays.");
            stays.Fire(context, sink, new AlertEvidence(climb.Now, 1, climb.WindowFrom, summary), far.Since);
        }
    }

    private AlertEvidence Describe(in DetectorContext context, in ClimbForecast climb)
    {
        var at = context.Step + climb.Remaining;
        var soonest = context.Step + climb.Soonest;
        var latest = context.Step + climb.Latest;
        var until = double.IsFinite(latest) ? Format($"{soonest:0} to {latest:0}") : Format($"{soonest:0} or later");
        var summary = Format($"The run memorized at step {clock.Since}, and ρ has climbed from {lowest:0.00} to {climb.Now:0.00}; at this rate it passes 1 near step {at:0} ({until}): grokking is on its way.");
        var values = new Dictionary<string, double>(StringComparer.Ordinal)
        {
            ["memorized_step"] = clock.Since,
            ["loo_ratio_lowest"] = lowest,
            ["slope_per_step"] = climb.Slope,
            ["slope_low"] = climb.SlopeLow,
            ["forecast_step"] = at,
            ["forecast_low"] = soonest,
        };
        if (double.IsFinite(latest))
        {
            values["forecast_high"] = latest;
        }

        return new AlertEvidence(climb.Now, 1, climb.WindowFrom, summary) { Values = values };
    }

    private double Lowest()
    {
        var least = double.PositiveInfinity;
        foreach (var value in history.Values)
        {
            least = Math.Min(least, value);
        }

        return least;
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
