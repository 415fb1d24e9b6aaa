using Microsoft.Extensions.Logging;

namespace TrainingMonitor.Server.Hosting;

/// <summary>What a node is made of.</summary>
/// <param name="Folder">Its folder.</param>
/// <param name="Options">Effective options.</param>
/// <param name="Pages">Address of the pages, with the real port.</param>
/// <param name="Time">Clock.</param>
/// <param name="Loggers">Logs.</param>
internal sealed record NodeContext(string Folder, ServerOptions Options, Uri Pages, TimeProvider Time, ILoggerFactory Loggers);
