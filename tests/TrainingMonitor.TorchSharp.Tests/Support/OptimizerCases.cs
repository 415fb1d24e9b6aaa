using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Tests.Support;

internal static class OptimizerCases
{
    public static readonly string[] Names =
    [
        "sgd", "sgd-decay", "momentum", "momentum-decay", "dampening", "nesterov", "adam", "adam-decay", "adamw", "amsgrad", "rmsprop", "rmsprop-momentum", "rmsprop-centered",
    ];

    public static optim.Optimizer Make(string name, nn.Module model) => name switch
    {
        "sgd" => optim.SGD(model.parameters(), 0.1),
        "sgd-decay" => optim.SGD(model.parameters(), 0.1, weight_decay: 0.05),
        "momentum" => optim.SGD(model.parameters(), 0.1, momentum: 0.9),
        "momentum-decay" => optim.SGD(model.parameters(), 0.1, momentum: 0.9, weight_decay: 0.05),
        "dampening" => optim.SGD(model.parameters(), 0.1, momentum: 0.9, dampening: 0.3),
        "nesterov" => optim.SGD(model.parameters(), 0.1, momentum: 0.9, nesterov: true, weight_decay: 0.01),
        "adam" => optim.Adam(model.parameters(), 0.01),
        "adam-decay" => optim.Adam(model.parameters(), 0.01, weight_decay: 0.1),
        "adamw" => optim.AdamW(model.parameters(), 0.01, weight_decay: 0.5),
        "amsgrad" => optim.Adam(model.parameters(), 0.01, beta2: 0.9, amsgrad: true),
        "rmsprop" => optim.RMSProp(model.parameters(), 0.01),
        "rmsprop-momentum" => optim.RMSProp(model.parameters(), 0.01, momentum: 0.8, weight_decay: 0.1),
        "rmsprop-centered" => optim.RMSProp(model.parameters(), 0.01, centered: true),
        _ => throw new ArgumentException(name, nameof(name)),
    };
}
