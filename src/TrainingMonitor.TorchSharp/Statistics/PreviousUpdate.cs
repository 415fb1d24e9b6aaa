using TrainingMonitor.TorchSharp.Native;
using TrainingMonitor.TorchSharp.Optimizers;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Statistics;

/// <summary>u_{t−1} of a parameter as a tensor: for Adam on float32 in memory by one pass instead of six torch operations over the whole model, else by those.</summary>
internal static unsafe class PreviousUpdate
{
    private const int Chunk = 32 * 1024;

    /// <summary>The update; the caller's dispose scope owns it where it is new.</summary>
    /// <param name="step">A parameter with <see cref="ParameterStep.HasPrevious"/>.</param>
    /// <param name="type">Type of the result.</param>
    public static Tensor Of(in ParameterStep step, ScalarType type)
    {
        var parameter = step.Parameter;
        if (step.Rule.Kind == RuleKind.Adam && step.Rule.Largest is null && type == ScalarType.Float32)
        {
            var count = parameter.Elements;
            float* w = TensorMemory.Floats(parameter.Tensor, count), m = TensorMemory.Floats(step.Rule.First, count), v = TensorMemory.Floats(step.Rule.Second, count);
            if (w != null && m != null && v != null)
            {
                Tensor result = empty_like(parameter.Tensor, requires_grad: false);
                Fill((nint)w, (nint)m, (nint)v, (nint)TensorMemory.Floats(result, count), count, new AdamKernel.Constants(step.Rule, step.PreviousRule));
                return result;
            }
        }

        return UpdateTensors.PreviousUpdate(step.Rule, step.PreviousRule, parameter.Tensor, parameter.SavedUpdate, type);
    }

    private static void Fill(nint w, nint m, nint v, nint u, long count, AdamKernel.Constants constants)
    {
        var chunks = (int)((count + Chunk - 1) / Chunk);
        TorchTeam.Run(chunks, chunks > 8 ? get_num_threads() : 1, i =>
        {
            var at = (long)i * Chunk;
            AdamKernel.Previous((float*)w + at, (float*)m + at, (float*)v + at, (float*)u + at, (int)Math.Min(Chunk, count - at), constants);
        });
    }
}
