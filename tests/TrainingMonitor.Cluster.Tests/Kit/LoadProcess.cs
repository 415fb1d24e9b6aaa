using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;
using TrainingMonitor.Cluster.Tests.Checking;
using TrainingMonitor.Load.Testing.Histories;
using TrainingMonitor.Load.Testing.Load;

namespace TrainingMonitor.Cluster.Tests.Kit;

/// <summary>Trainers in a process of their own.</summary>
internal sealed class LoadProcess : IAsyncDisposable
{
    private readonly string file;
    private Channel<string> answers = Channel.CreateUnbounded<string>();
    private Process? process;

    /// <summary>Starts nothing yet.</summary>
    /// <param name="file">Where the plans are written.</param>
    /// <param name="plans">One for each rank.</param>
    public LoadProcess(string file, IReadOnlyList<TrainerPlan> plans) => (this.file, Plans) = (file, plans);

    public IReadOnlyList<TrainerPlan> Plans { get; }

    /// <summary>It was killed and not started again.</summary>
    public bool IsGone => process is null;

    /// <summary>Histories of a run's processes, oldest first.</summary>
    public static IReadOnlyList<TrainerHistory> Histories(TrainerPlan plan) =>
        !Directory.Exists(plan.Folder) ? [] : [.. Directory.GetFiles(plan.Folder, plan.HistoryPattern).Order(StringComparer.Ordinal).Select(file => new TrainerHistory(Path.GetFileName(file), plan.Rank, HistoryReader.Read(file)))];

    /// <summary>Starts them, or starts them again from their checkpoints.</summary>
    public async Task StartAsync(CancellationToken stop)
    {
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(Plans, JsonSerializerOptions.Web), stop);
        var heard = answers = Channel.CreateUnbounded<string>();
        process = Programs.Start(Programs.Load, [file], [], line => heard.Writer.TryWrite(line), line => File.AppendAllText(file + ".err", line + "\n"));
        await HearAsync("started", stop);
    }

    /// <summary>kill -9, wherever they are.</summary>
    public async Task KillAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    /// <summary>They stand still, and all they had said is durable.</summary>
    public Task PauseAsync(CancellationToken stop) => SayAsync("pause", "settled", stop);

    /// <summary>They go on.</summary>
    public Task ResumeAsync(CancellationToken stop) => SayAsync("go", "going", stop);

    /// <summary>They say goodbye and end.</summary>
    public async Task FinishAsync(CancellationToken stop)
    {
        await SayAsync("finish", "finished", stop);
        await process!.WaitForExitAsync(stop);
        process.Dispose();
        process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            await KillAsync();
        }
    }

    private async Task SayAsync(string word, string answer, CancellationToken stop)
    {
        await process!.StandardInput.WriteLineAsync(word.AsMemory(), stop);
        await process.StandardInput.FlushAsync(stop);
        await HearAsync(answer, stop);
    }

    private async Task HearAsync(string word, CancellationToken stop)
    {
        while (await answers.Reader.ReadAsync(stop) != word)
        {
            // Answers to earlier words.
        }
    }
}
