using TrainingMonitor.TorchSharp.Layers;
using TrainingMonitor.TorchSharp.Optimizers;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Statistics;

/// <summary>One parameter at one step: what the passes over its elements need.</summary>
/// <param name="Parameter">The parameter.</param>
/// <param name="Gradient">Its gradient as the optimizer sees it.</param>
/// <param name="Rule">The rule of the coming step.</param>
/// <param name="HasPrevious">u_{t−1} is wanted and can be had.</param>
/// <param name="SaveUpdate">u_t must be saved for the next step.</param>
/// <param name="PreviousRule">The rule of step t−1, where u_{t−1} can be had.</param>
internal readonly record struct ParameterStep(
    WatchedParameter Parameter, Tensor Gradient, UpdateRule Rule, bool HasPrevious, bool SaveUpdate, UpdateRule PreviousRule);
