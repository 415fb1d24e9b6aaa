namespace TrainingMonitor.Cli.Json;

/// <summary>What <c>trainmon serve --json</c> says once it accepts connections.</summary>
/// <param name="Grpc">gRPC address.</param>
/// <param name="Http">HTTP address.</param>
/// <param name="Page">Address to open in a browser; it signs in where a token is asked for.</param>
/// <param name="DataFolder">Folder with all state.</param>
/// <param name="ProcessId">Process id.</param>
public sealed record ServeJson(string Grpc, string Http, string Page, string DataFolder, int ProcessId);
