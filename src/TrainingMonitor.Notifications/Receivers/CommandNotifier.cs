using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using TrainingMonitor.Notifications.Delivery;
using TrainingMonitor.Notifications.Options;

namespace TrainingMonitor.Notifications.Receivers;

/// <summary>Runs a program with the alert as JSON on standard input and in environment variables. No shell is between: nothing in a name is ever read as a command.
/// Exit code 0: done; 65 (EX_DATAERR): never again; any other, or no end in time: again later.</summary>
internal sealed class CommandNotifier(ReceiverOptions options, TimeProvider time) : INotifier
{
    private const int DataError = 65, LongestMessage = 200;
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(200);
    // The server's environment may hold tokens: a program gets what programs need to run, and the alert.
    private static readonly string[] Inherited = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR"];
    private static readonly JsonSerializerOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public async Task<DeliveryResult> SendAsync(IReadOnlyList<Notification> notifications, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(notifications);
        using var process = new Process { StartInfo = Prepare(notifications[0]) };
        try
        {
            process.Start();
        }
        catch (Exception error) when (error is Win32Exception or InvalidOperationException)
        {
            return new DeliveryResult(DeliveryOutcome.Later, $"cannot be started: {error.Message}");
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(options.TimeoutSeconds), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None).ContinueWith(Seen, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        var complaint = ReadStartAsync(process.StandardError.BaseStream);
        try
        {
            await WriteAsync(process, AlertWords.Json(notifications[0]).ToJsonString(Writing), both.Token);
            await process.WaitForExitAsync(both.Token);
        }
        catch (OperationCanceledException)
        {
            End(process);
            cancellationToken.ThrowIfCancellationRequested();
            return new DeliveryResult(DeliveryOutcome.Later, "did not end in time");
        }

        // A child that the program left behind may hold the pipe open: its words are not waited for.
        await Task.WhenAny(complaint, Task.Delay(LastWords, CancellationToken.None));
        var said = complaint.IsCompletedSuccessfully ? complaint.Result : "";
        return process.ExitCode switch
        {
            0 => new DeliveryResult(DeliveryOutcome.Delivered),
            DataError => new DeliveryResult(DeliveryOutcome.Refused, $"exit code {DataError} {said}".Trim()),
            var code => new DeliveryResult(DeliveryOutcome.Later, $"exit code {code} {said}".Trim()),
        };
    }

    public void Dispose()
    {
        // Every process ends with its attempt.
    }

    private ProcessStartInfo Prepare(Notification notification)
    {
        var start = new ProcessStartInfo(options.Program, options.Arguments)
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(options.Program) ?? "/",
        };
        var kept = Inherited.Select(name => (Name: name, Value: start.Environment.TryGetValue(name, out var value) ? value : null)).ToList();
        start.Environment.Clear();
        foreach (var (name, value) in kept.Where(pair => pair.Value is not null))
        {
            start.Environment[name] = value;
        }

        var alert = notification.Alert;
        void Set(string name, string value) => start.Environment["TRAINMON_ALERT_" + name] = value.Replace("\0", "", StringComparison.Ordinal);
        Set("ID", alert.Id);
        Set("STATUS", notification.Status.ToString().ToLowerInvariant());
        Set("RULE", alert.Rule);
        Set("SEVERITY", AlertWords.Severity(alert.Severity));
        Set("PROJECT", notification.Project);
        Set("RUN", alert.RunId);
        Set("LAYER", alert.Layer);
        Set("STEP", alert.Step.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Set("SUMMARY", AlertWords.Sentence(notification));
        Set("ADVICE", alert.Advice);
        Set("PAGE", notification.Page);
        return start;
    }

    private static async Task WriteAsync(Process process, string json, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(Encoding.UTF8.GetBytes(json), cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It does not read its input; its exit code tells how it went.
        }
    }

    private static async Task<string> ReadStartAsync(Stream stream)
    {
        try
        {
            var start = new byte[LongestMessage];
            var read = await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false);
            _ = stream.CopyToAsync(Stream.Null, CancellationToken.None).ContinueWith(Seen, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return string.Concat(Encoding.UTF8.GetString(start, 0, read).ReplaceLineEndings(" ").Where(c => !char.IsControl(c))).Trim();
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
        {
            return "";
        }
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception)
        {
            // It has just ended by itself.
        }
    }

    // A pipe that breaks when the process is let go is no news.
    private static void Seen(Task task) => _ = task.Exception;
}
