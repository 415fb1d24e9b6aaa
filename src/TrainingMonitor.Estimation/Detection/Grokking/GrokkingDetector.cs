using System.Globalization;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Grokking;

/// <summary>After memorization: is grokking on its way, has it begun, or does memorization stay? The climb of the LOO ratio ρ is the signal, not
/// its level: strong weight decay holds ρ above 1 on random labels, flat.</summary>
public sealed class GrokkingDetector : Detector
{
    // ρ must have risen this much since its lowest after memorization: on its way, begun.
    private const double LeastRise = 0.05;
    private const double LeastRiseBegun = 0.1;
    private const double BelowOne = 0.95;

    // Least loss, as a share of the first, at which a climb of ρ means something where training goes by batches.
    private const double LeastLossShare = 0.01;

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
    private const long LeastStepsStays = 100;

    private readonly GrokkingOutlook outlook = new();
    private readonly AlertLifecycle onItsWay = new(GrokkingRules.OnItsWay);
    private readonly AlertLifecycle begun = new(GrokkingRules.Begun);
    private readonly AlertLifecycle stays = new(GrokkingRules.Stays);
    private HeldCondition near;
    private HeldCondition lost;
    private HeldCondition far;
    private HeldCondition above;
    private HeldCondition below;

    /// <inheritdoc/>
    public override void Apply(in DetectorContext context, FindingSink sink)
    {
        if (!outlook.Add(context))
        {
            return;
        }

        var (climb, age) = (outlook.Climb, outlook.Age);
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
        outlook.Reset();
        near = lost = far = above = below = default;
    }

    /// <inheritdoc/>
    public override void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        outlook.Save(writer);
        onItsWay.Save(writer);
        begun.Save(writer);
        stays.Save(writer);
        near.Save(writer);
        lost.Save(writer);
        far.Save(writer);
        above.Save(writer);
        below.Save(writer);
    }

    /// <inheritdoc/>
    public override void Load(ref StateReader reader)
    {
        outlook.Load(ref reader);
        onItsWay.Load(ref reader);
        begun.Load(ref reader);
        stays.Load(ref reader);
        near.Load(ref reader);
        lost.Load(ref reader);
        far.Load(ref reader);
        above.Load(ref reader);
        below.Load(ref reader);
    }

    private void UpdateOnItsWay(in DetectorContext context, FindingSink sink, in ClimbForecast climb, long age)
    {
        var holds = IsTrusted(context) && climb.Now < 1 && climb.SlopeLow > 0 && climb.Now - outlook.Lowest >= LeastRise && climb.Remaining <= NearAges * age
            && climb.LateSlope >= LeastLateSlope * climb.Slope && age >= LeastAgeOnItsWay * outlook.MemorizedIn;
        var isNear = near.Update(holds, context.Step, HoldOnItsWay * age);
        var isLost = lost.Update(climb.Now < 1 && climb.Remaining > LostAges * age, context.Step, HoldStays * age);
        if (isNear && !onItsWay.IsFiring && !begun.IsFiring)
        {
            onItsWay.Fire(context, sink, Describe(context, climb), outlook.Since);
            stays.Close(context, sink, "ρ climbs towards 1 after all.");
        }
        else if (isLost && onItsWay.IsFiring)
        {
            onItsWay.Resolve(context, sink, new AlertEvidence(climb.Now, 1, climb.WindowFrom, Format($"The climb has stopped: ρ is {climb.Now:0.00}.")));
        }
    }

    private void UpdateBegun(in DetectorContext context, FindingSink sink, in ClimbForecast climb, long age)
    {
        var rose = climb.Now - outlook.LowestOfAll >= LeastRiseBegun && outlook.LowestOfAll < BelowOne && climb.Now >= outlook.Lowest;
        var isAbove = above.Update(IsTrusted(context) && climb.Now >= 1 && climb.SlopeLow > 0 && rose, context.Step, HoldOnItsWay * age);
        var isBelow = below.Update(climb.Now < BelowOne, context.Step, HoldStays * age);
        if (isAbove && !begun.IsFiring)
        {
            var forecast = Forecast(context, climb);
            var summary = Format($"The run memorized at step {outlook.Since}; ρ has risen from {outlook.LowestOfAll:0.00} to {climb.Now:0.00} and stays above 1: generalization has begun, and held-out accuracy should reach 95% near step {forecast.Step:0} ({forecast.Low:0} to {forecast.High:0}).");
            begun.Fire(context, sink, new AlertEvidence(climb.Now, 1, climb.WindowFrom, summary) { Values = Values(forecast) }, above.Since);
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
            && age >= LeastAgeStays * outlook.MemorizedIn && age >= LeastStepsStays;
        if (far.Update(flat, context.Step, HoldStays * age) && !stays.IsFiring && !onItsWay.IsFiring)
        {
            var summary = Format($"The run memorized at step {outlook.Since} and ρ stays at {climb.Now:0.00} (slope {climb.Slope * 1000:+0.000;-0.000} per 1000 steps): examples do not help each other, memorization stays.");
            stays.Fire(context, sink, new AlertEvidence(climb.Now, 1, climb.WindowFrom, summary), far.Since);
        }
    }

    // With batches, the pull back against their own noise is a mean gradient too: it alone holds ρ above 1 where the loss is all but gone.
    private bool IsTrusted(in DetectorContext context) => context.Configuration.Sampling is SamplingScheme.FullBatch || outlook.LossShare >= LeastLossShare;

    private AlertEvidence Describe(in DetectorContext context, in ClimbForecast climb)
    {
        var at = context.Step + climb.Remaining;
        var forecast = Forecast(context, climb);
        var summary = Format($"The run memorized at step {outlook.Since}, and ρ has climbed from {outlook.Lowest:0.00} to {climb.Now:0.00}; at this rate it passes 1 near step {at:0}, and held-out accuracy should reach 95% near step {forecast.Step:0} ({forecast.Low:0} to {forecast.High:0}): grokking is on its way.");
        var values = Values(forecast);
        values["slope_per_step"] = climb.Slope;
        values["slope_low"] = climb.SlopeLow;
        values["ratio_one_step"] = at;
        values["ratio_one_low"] = context.Step + climb.Soonest;
        if (double.IsFinite(climb.Latest))
        {
            values["ratio_one_high"] = context.Step + climb.Latest;
        }

        return new AlertEvidence(climb.Now, 1, climb.WindowFrom, summary) { Values = values };
    }

    private GeneralizationForecast Forecast(in DetectorContext context, in ClimbForecast climb) =>
        GeneralizationForecast.Of(outlook.FirstStep, context.Step, outlook.LossShare, climb.Now);

    private Dictionary<string, double> Values(in GeneralizationForecast forecast) => new(StringComparer.Ordinal)
    {
        ["memorized_step"] = outlook.Since,
        ["first_step"] = outlook.FirstStep,
        ["loss_share"] = outlook.LossShare,
        ["loo_ratio_lowest"] = outlook.LowestOfAll,
        ["forecast_step"] = forecast.Step,
        ["forecast_low"] = forecast.Low,
        ["forecast_high"] = forecast.High,
    };

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
