namespace TrainingMonitor.Cli.Json;

/// <summary>Where <c>tail</c> is.</summary>
/// <param name="RunId">Run it is streamed as.</param>
/// <param name="Log">File or folder that is read; null: none was found.</param>
/// <param name="Format">Its format; null: not recognized yet.</param>
/// <param name="Entries">Entries read.</param>
/// <param name="Steps">Step reports sent.</param>
/// <param name="Scalars">Further numbers sent.</param>
/// <param name="SkippedEntries">Entries the server had from an earlier tail.</param>
/// <param name="DamagedRecords">Records with a wrong checksum.</param>
/// <param name="LastStep">Newest step sent; null: none.</param>
/// <param name="Names">Which name of the log each known number came under.</param>
/// <param name="Page">Where to look; null where the server has no pages.</param>
public sealed record TailJson(
    string RunId,
    string? Log,
    string? Format,
    long Entries,
    long Steps,
    long Scalars,
    long SkippedEntries,
    long DamagedRecords,
    long? LastStep,
    IReadOnlyDictionary<string, string> Names,
    string? Page);
