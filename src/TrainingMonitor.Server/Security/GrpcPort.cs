namespace TrainingMonitor.Server.Security;

/// <summary>Marks the endpoints of the gRPC port: nothing else is reached there, whose gate is an interceptor.</summary>
internal sealed class GrpcPort
{
    public static GrpcPort Instance { get; } = new();
}
