using System.Security.Authentication;

namespace TrainingMonitor.Cli.Connection;

/// <summary>Finds what is wrong with TLS in the exceptions around it.</summary>
internal static class TlsTrouble
{
    /// <summary>In words; null: it is something else.</summary>
    public static string? Of(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is AuthenticationException)
            {
                return error.GetBaseException().Message.TrimEnd('.');
            }
        }

        return null;
    }
}
