using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Errors;
using TrainingMonitor.Server.Hosting;
using TrainingMonitor.Server.Queries;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Server.Http;

/// <summary>/api/v1/runs/{id}/export?format=csv|parquet&amp;layers=true|false: a run's series as a file. The store writes it aside first, so
/// that an error is a status and never half a file.</summary>
internal static class ExportEndpoint
{
    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/runs/{id}/export", async (HttpContext context, string id, RunQueries queries, MonitorServices services) =>
        {
            try
            {
                var query = new QueryReader(context, "format", "layers");
                var format = query.Text("format") switch
                {
                    "" or "csv" => ExportFormat.Csv,
                    "parquet" => ExportFormat.Parquet,
                    var other => throw Refusal.Invalid("format", $"\"{other}\" is not csv or parquet."),
                };
                await queries.GetRunAsync(new GetRunRequest { RunId = id }, context.RequestAborted);
                await SendAsync(context, services.Store, id, format, query.Flag("layers"));
            }
            catch (RpcException error)
            {
                await Problems.WriteAsync(context, error);
            }
        });

    private static async Task SendAsync(HttpContext context, ISeriesStore store, string runId, ExportFormat format, bool layers)
    {
        var folder = Directory.CreateTempSubdirectory("trainmon-export-");
        try
        {
            var path = Path.Combine(folder.FullName, "run");
            try
            {
                await store.ExportAsync(runId, path, format, layers, context.RequestAborted);
            }
            catch (KeyNotFoundException)
            {
                // The run is known, and its first rows are on their way to the store.
                throw new RpcException(new Status(StatusCode.FailedPrecondition, $"Nothing of run \"{runId}\" is stored yet; ask again in a second."));
            }

            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.Asynchronous);
            context.Response.ContentType = format == ExportFormat.Csv ? "text/csv; charset=utf-8" : "application/vnd.apache.parquet";
            context.Response.ContentLength = file.Length;
            await file.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
