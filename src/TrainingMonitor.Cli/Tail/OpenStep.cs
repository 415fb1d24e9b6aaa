using System.Runtime.InteropServices;
using Google.Protobuf;
using TrainingMonitor.Logs.Naming;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Tail;

/// <summary>A step whose numbers are still coming: event files and many scripts write them one by one.</summary>
internal sealed class OpenStep(long step)
{
    private readonly StepValues values = new();
    private double? gradNorm;
    private long time;

    /// <summary>The step.</summary>
    public long Step => step;

    /// <summary>Sets a number; false where the contract has no place for such a value, so that it stays a number of its own name.</summary>
    public bool Set(Known known, double value, long timeUnixNs)
    {
        if (!Fits(known, value))
        {
            return false;
        }

        time = Math.Max(time, timeUnixNs);
        switch (known)
        {
            case Known.Loss: values.Loss = value; break;
            case Known.LearningRate: values.LearningRate = value; break;
            case Known.GradNorm: gradNorm = value; break;
            case Known.Accuracy: values.Accuracy = value; break;
            case Known.HeldOutLoss: values.HeldOutLoss = value; break;
            case Known.HeldOutAccuracy: values.HeldOutAccuracy = value; break;
            case Known.Tokens: values.Tokens = value; break;
            case Known.StepSeconds: values.StepSeconds = value; break;
            case Known.StepMilliseconds: values.StepSeconds = value / 1000; break;
            case Known.Epoch: values.Epoch = value; break;
            case Known.Samples: values.Samples = value; break;
            default: return false;
        }

        return true;
    }

    /// <summary>The report. A gradient norm is the one layer "all parameters".</summary>
    public StepReport Report()
    {
        var report = new StepReport { Step = (ulong)step, TimeUnixNs = time, Values = values };
        if (gradNorm is { } norm)
        {
            ReadOnlySpan<float> column = [(float)(norm * norm)];
            report.Columns.Add(new Column { Statistic = LayerStatistic.GradSq, Float32 = ByteString.CopyFrom(MemoryMarshal.AsBytes(column)) });
        }

        return report;
    }

    private static bool Fits(Known known, double value) => known switch
    {
        Known.Loss or Known.LearningRate or Known.HeldOutLoss or Known.GradNorm => true,
        Known.Accuracy or Known.HeldOutAccuracy => value is >= 0 and <= 1 || double.IsNaN(value),
        _ => value >= 0 && double.IsFinite(value),
    };
}
