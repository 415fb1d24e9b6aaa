namespace TrainingMonitor.Runs.State;

/// <summary>Place of a step inside an attempt: segments count rewinds, steps ascend inside a segment.</summary>
/// <param name="Segment">Segment.</param>
/// <param name="Step">Step.</param>
internal readonly record struct StepKey(int Segment, long Step) : IComparable<StepKey>
{
    public static StepKey None => new(0, -1);

    public static bool operator <(StepKey left, StepKey right) => left.CompareTo(right) < 0;

    public static bool operator >(StepKey left, StepKey right) => left.CompareTo(right) > 0;

    public static bool operator <=(StepKey left, StepKey right) => left.CompareTo(right) <= 0;

    public static bool operator >=(StepKey left, StepKey right) => left.CompareTo(right) >= 0;

    public int CompareTo(StepKey other) => Segment != other.Segment ? Segment.CompareTo(other.Segment) : Step.CompareTo(other.Step);
}
