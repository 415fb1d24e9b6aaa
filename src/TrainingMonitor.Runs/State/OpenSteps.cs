using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Runs.State;

/// <summary>Steps waiting for ranks, ascending. Short: ranks of a training run keep step with each other.</summary>
internal sealed class OpenSteps
{
    private readonly List<OpenStep> steps = [];

    public int Count => steps.Count;

    public OpenStep First => steps[0];

    public OpenStep? Find(StepKey key)
    {
        var at = IndexOf(key);
        return at >= 0 ? steps[at] : null;
    }

    public OpenStep GetOrAdd(StepKey key)
    {
        var at = IndexOf(key);
        if (at >= 0)
        {
            return steps[at];
        }

        var step = new OpenStep(key);
        steps.Insert(~at, step);
        return step;
    }

    public OpenStep TakeFirst()
    {
        var first = steps[0];
        steps.RemoveAt(0);
        return first;
    }

    public void Save(StateWriter writer)
    {
        writer.Write(steps.Count);
        foreach (var step in steps)
        {
            step.Save(writer);
        }
    }

    public void Load(ref StateReader reader)
    {
        var count = StateMessages.Count(ref reader);
        for (var i = 0; i < count; i++)
        {
            steps.Add(OpenStep.Load(ref reader));
        }
    }

    private int IndexOf(StepKey key)
    {
        var (low, high) = (0, steps.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = steps[middle].Key.CompareTo(key);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }
}
