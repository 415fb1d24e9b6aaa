using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using TrainingMonitor.Cli.Commands;
using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Cli.Demo;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Doctor;

/// <summary>Checks of the server that the command line means.</summary>
internal static class ServerChecks
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AllowedEnd = TimeSpan.FromDays(7);
    private static readonly TimeSpan AllowedSkew = TimeSpan.FromSeconds(2);

    /// <summary>gRPC answers and takes the token.</summary>
    public static async Task<DoctorCheck> GrpcAsync(CliContext context, ServerLocation location, CancellationToken stop)
    {
        const string Name = "server";
        var address = location.Grpc.GetLeftPart(UriPartial.Authority);
        using var client = new QueryClient(location);
        try
        {
            var deadline = context.Time.GetUtcNow().UtcDateTime + Patience;
            var runs = (await client.AskAsync(q => q.ListRunsAsync(new ListRunsRequest { Limit = 1000 }, deadline: deadline, cancellationToken: stop))).Runs;
            return DoctorCheck.Ok(Name, $"{address} answers and knows {runs.Count} runs");
        }
        catch (CliException error) when (error.ExitCode == ExitCodes.Unreachable && TlsTrouble.Of(error, location.Tls) is not null)
        {
            return DoctorCheck.Failure(Name, "no safe connection", error.Message);
        }
        catch (CliException error) when (error.ExitCode == ExitCodes.Unreachable)
        {
            return location.Grpc.IsLoopback && !FreePorts.Are(location.Grpc.Port)
                ? DoctorCheck.Failure(Name, $"another program listens on port {location.Grpc.Port}", "stop it, or serve on another port with --grpc-port and name it with --server")
                : DoctorCheck.Failure(Name, $"nothing answers at {address}", "start one with 'trainmon serve', or name another with --server");
        }
        catch (CliException error)
        {
            return DoctorCheck.Failure(Name, $"{address} refuses", error.Message);
        }
    }

    /// <summary>HTTP answers, is ready, has the same version, and its clock agrees.</summary>
    public static async Task<IReadOnlyList<DoctorCheck>> HttpAsync(CliContext context, ServerLocation location, CancellationToken stop)
    {
        var address = location.Http.GetLeftPart(UriPartial.Authority);
        DateTime? end = null;
        var handler = location.Handler();
        var judge = handler.SslOptions.RemoteCertificateValidationCallback!;
        handler.SslOptions.RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
        {
            end = (certificate as X509Certificate2)?.NotAfter;
            return judge(sender, certificate, chain, errors);
        };
        using var http = new HttpClient(handler) { BaseAddress = location.Http, Timeout = Patience };
        if (location.Token is not null)
        {
            http.DefaultRequestHeaders.Authorization = new("Bearer", location.Token);
        }

        try
        {
            using var ready = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), stop);
            List<DoctorCheck> checks =
            [
                ready.IsSuccessStatusCode && (await ready.Content.ReadAsStringAsync(stop)).Split("unsafe: ") is [_, var exposure]
                    ? DoctorCheck.Warning("safety", $"the server listens where other machines reach it, and {exposure}", "start it with --tls-cert and --tls-key and without --insecure (docs/operations.md)")
                    : DoctorCheck.Ok("safety", location.Http.Scheme == Uri.UriSchemeHttps ? "the connection is encrypted" : "the server says nothing unsafe of itself"),
                ready.IsSuccessStatusCode
                    ? DoctorCheck.Ok("pages", $"{address} is ready")
                    : DoctorCheck.Warning("pages", $"{address} says {(await ready.Content.ReadAsStringAsync(stop)).Trim()}", "wait a moment, then look again"),
            ];
            if (end is { } notAfter)
            {
                checks.Add(Certificate(notAfter.ToUniversalTime() - context.Time.GetUtcNow().UtcDateTime));
            }

            if (ready.Headers.Date is { } serverTime)
            {
                checks.Add(Clock(context.Time.GetUtcNow() - serverTime));
            }

            checks.Add(await VersionAsync(http, stop));
            return checks;
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException && !stop.IsCancellationRequested)
        {
            if (TlsTrouble.Of(error, location.Tls) is { } trouble)
            {
                return [DoctorCheck.Failure("pages", "no safe connection", trouble)];
            }

            return [DoctorCheck.Failure("pages", $"nothing answers at {address}", "name the server's HTTP address with --http or TRAINMON_HTTP")];
        }
    }

    private static DoctorCheck Certificate(TimeSpan left) => left < AllowedEnd
        ? DoctorCheck.Warning("certificate", $"the server's certificate ends in {left.TotalDays:0.0} days", "renew it; the server reads its files again by itself")
        : DoctorCheck.Ok("certificate", $"the server's certificate is good for {left.TotalDays:0} days");

    // HTTP dates have whole seconds.
    private static DoctorCheck Clock(TimeSpan skew) => skew.Duration() > AllowedSkew
        ? DoctorCheck.Warning("clock", $"this machine and the server differ by {skew.TotalSeconds:0} s", "set both by NTP: stamps of points come from the trainers' clocks")
        : DoctorCheck.Ok("clock", "this machine and the server agree");

    private static async Task<DoctorCheck> VersionAsync(HttpClient http, CancellationToken stop)
    {
        const string Name = "server version";
        using var response = await http.GetAsync(new Uri("/api/v1/version", UriKind.Relative), stop);
        if (!response.IsSuccessStatusCode)
        {
            return DoctorCheck.Warning(Name, $"not told ({(int)response.StatusCode})", "give a token with --token or TRAINMON_TOKEN");
        }

        using var document = await response.Content.ReadFromJsonAsync(Json.CliJson.Default.JsonDocument, stop);
        var version = document?.RootElement.TryGetProperty("version", out var value) == true ? value.GetString() : null;
        return version == VersionCommand.Version
            ? DoctorCheck.Ok(Name, $"{version}, as this command")
            : DoctorCheck.Warning(Name, $"{version ?? "unknown"}, this command is {VersionCommand.Version}", "update the older of the two");
    }
}
