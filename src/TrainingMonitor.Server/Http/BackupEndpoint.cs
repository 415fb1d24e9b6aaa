using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TrainingMonitor.Server.Errors;
using TrainingMonitor.Server.Hosting;
using TrainingMonitor.Server.Security;
using TrainingMonitor.Server.Security.Auditing;

namespace TrainingMonitor.Server.Http;

/// <summary>/api/v1/backup: the whole data folder as of one moment, as an archive. Everything is copied before the answer begins, so that an error is a status; whoever gets half an
/// archive knows it by the missing manifest.</summary>
internal static class BackupEndpoint
{
    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/backup", async (HttpContext context, MonitorServices services, AuditLog audit) =>
        {
            try
            {
                _ = new QueryReader(context);
                var backups = services.Backups ?? throw new InvalidOperationException("This server keeps nothing in a folder of its own.");
                await backups.WriteAsync(
                    () =>
                    {
                        // When it begins: an archive that holds the line of its own making is no loss, one that was cut off is on record.
                        audit.Did(context, "backup", "");
                        context.Response.ContentType = "application/x-tar";
                        context.Response.Headers.CacheControl = "no-store";
                        return context.Response.Body;
                    },
                    context.RequestAborted);
            }
            catch (Grpc.Core.RpcException error)
            {
                await Problems.WriteAsync(context, error);
            }
            catch (Exception error) when (!context.Response.HasStarted && error is InvalidOperationException or IOException or DuckDB.NET.Data.DuckDBException or Microsoft.Data.Sqlite.SqliteException)
            {
                await Problems.WriteAsync(context, error is InvalidOperationException ? StatusCodes.Status409Conflict : StatusCodes.Status507InsufficientStorage, "No backup was made", error.Message);
            }
        }).WithMetadata(new Demand(TokenScopes.Admin, AllProjects: true));
}
