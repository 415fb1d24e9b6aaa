using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Grokking;

/// <summary>A condition that must hold without a break for a while.</summary>
public struct HeldCondition : IEquatable<HeldCondition>
{
    private bool holds;

    /// <summary>Step since when it holds; of use while it does.</summary>
    public long Since { get; private set; }

    /// <summary>Takes the condition at a step. True where it has held for at least <paramref name="steps"/> steps.</summary>
    public bool Update(bool condition, long step, double steps)
    {
        if (condition && !holds)
        {
            Since = step;
        }

        holds = condition;
        return holds && step - Since >= steps;
    }

    /// <summary>Writes the state.</summary>
    public readonly void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(holds);
        writer.Write(Since);
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="InvalidDataException">Damaged.</exception>
    public void Load(ref StateReader reader)
    {
        holds = reader.ReadBoolean();
        Since = reader.ReadInt64();
    }

    /// <inheritdoc/>
    public readonly bool Equals(HeldCondition other) => holds == other.holds && Since == other.Since;

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is HeldCondition other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => HashCode.Combine(holds, Since);

    /// <summary>Equality.</summary>
    public static bool operator ==(HeldCondition left, HeldCondition right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(HeldCondition left, HeldCondition right) => !left.Equals(right);
}
