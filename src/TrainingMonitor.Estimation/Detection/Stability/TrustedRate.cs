using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Stability;

/// <summary>The largest learning rate that a run has trained with for a while: a rate at or below it is a schedule, one far above it is new ground.</summary>
public sealed class TrustedRate
{
    /// <summary>Steps a rate takes to be trusted.</summary>
    public const int Steps = 16;

    private double pending;
    private int inPending;

    /// <summary>The rate; 0: none yet.</summary>
    public double Value { get; private set; }

    /// <summary>Takes the rate of a step; rates below those of the last steps are trusted with them.</summary>
    public void Add(double rate)
    {
        pending = inPending == 0 ? rate : Math.Min(pending, rate);
        if (++inPending >= Steps)
        {
            Value = Math.Max(Value, pending);
            inPending = 0;
        }
    }

    /// <summary>Writes the state.</summary>
    public void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(pending);
        writer.Write(inPending);
        writer.Write(Value);
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="InvalidDataException">Damaged.</exception>
    public void Load(ref StateReader reader)
    {
        pending = reader.ReadDouble();
        inPending = reader.ReadInt32();
        Value = reader.ReadDouble();
        if (inPending is < 0 or >= Steps)
        {
            throw new InvalidDataException($"State has {inPending} rates that are not trusted yet.");
        }
    }
}
