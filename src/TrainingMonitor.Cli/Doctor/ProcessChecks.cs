using TrainingMonitor.Attach.Checks;
using TrainingMonitor.Attach.Targets;
using TrainingMonitor.Cli.Attaching;
using TrainingMonitor.Cli.Connection;

namespace TrainingMonitor.Cli.Doctor;

/// <summary>Whether a process can be attached to. Touches nothing.</summary>
internal static class ProcessChecks
{
    /// <summary>Looks at a process.</summary>
    /// <exception cref="CliException">There is none, or it cannot be looked at.</exception>
    public static IReadOnlyList<DoctorCheck> Of(int id, CliContext context)
    {
        try
        {
            var process = ProcFiles.Read(id) ?? throw new CliException(ExitCodes.NotFound, $"There is no process {id}.");
            var attached = AttachedProcess.Find(TokenFile.DataFolder(context.Variable), id);
            return
            [
                .. AttachChecks.Of(process, Machine.Look()).Select(Translate),
                attached is null ? DoctorCheck.Ok("attached", "no") : DoctorCheck.Warning("attached", $"yes, as run {attached.RunId}", $"'trainmon detach {id}' ends it"),
            ];
        }
        catch (UnauthorizedAccessException error)
        {
            return [DoctorCheck.Failure("owner", error.Message, "ask as the user that trains, or as root")];
        }
    }

    private static DoctorCheck Translate(AttachCheck check) => check.Verdict switch
    {
        AttachVerdict.Ok => DoctorCheck.Ok(check.Name, check.Found),
        AttachVerdict.Ask => DoctorCheck.Warning(check.Name, check.Found, check.Advice ?? ""),
        _ => DoctorCheck.Failure(check.Name, check.Found, check.Advice ?? ""),
    };
}
