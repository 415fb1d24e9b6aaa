using TrainingMonitor.Cli.Json;
using TrainingMonitor.Logs;
using TrainingMonitor.Logs.Following;
using TrainingMonitor.Logs.Naming;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Tail;

/// <summary>Follows one log and sends what is in it.</summary>
internal sealed class TailSession(TailRequest request, long serverStep, ClientSink sink, TailVoice voice, TimeProvider time)
{
    private static readonly TimeSpan RoomWait = TimeSpan.FromMilliseconds(20);

    private readonly NameMap names = new(request.Names);
    private StepAssembler? steps;
    private FoundLog? found;
    private ILogSource? source;
    private long entries, skip, skipped, planned;

    private StepAssembler Steps => steps ??= new StepAssembler(names, sink);

    /// <summary>Runs until it is stopped, or with <see cref="TailRequest.Once"/> to the end of the log.</summary>
    /// <exception cref="CliException">There is nothing to read, or the server refuses the run.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            await FindAsync(stop);
            while (true)
            {
                var before = entries;
                await ReadAsync(stop);
                if (request.Once || entries == before)
                {
                    // A writer that is silent has finished its step, as far as anyone can tell.
                    Steps.Flush();
                }

                Complain();
                if (request.Once)
                {
                    break;
                }

                voice.Progress(State(), last: false);
                await Task.Delay(request.Interval, time, stop);
            }

            sink.Finish(Goodbye.Types.Reason.Finished, "the log was read to its end");
        }
        catch (OperationCanceledException)
        {
            Steps.Flush();
            sink.Finish(Goodbye.Types.Reason.Interrupted, "trainmon tail was ended; the job may go on");
            throw;
        }
        finally
        {
            if (found is not null)
            {
                voice.Progress(State(), last: true);
            }
        }
    }

    private async Task FindAsync(CancellationToken stop)
    {
        while ((found = LogFinder.Find(request.Path, request.Format)) is null)
        {
            if (request.Once)
            {
                throw new CliException(ExitCodes.NotFound, $"There is no log at {request.Path}: name a file or folder of a format that 'trainmon tail --help' lists.");
            }

            voice.Once($"There is no log at {request.Path} yet: waiting for it.");
            await Task.Delay(request.Interval, time, stop);
        }

        voice.Once($"Reading {found.Path} as run {request.RunId}.");
        source = found.Open();
        skip = request.Start switch
        {
            TailStart.FromEnd => found.Open().Poll().LongCount(),
            TailStart.Continue => LogPlace.After(found.Open(), new NameMap(request.Names), serverStep),
            _ => 0,
        };
        if (request.Start == TailStart.Continue && serverStep >= 0)
        {
            voice.Once($"The server has this run up to step {serverStep}: {skip} entries of the log are passed over (--from-start sends all).");
        }
    }

    private async Task ReadAsync(CancellationToken stop)
    {
        foreach (var entry in source!.Poll())
        {
            stop.ThrowIfCancellationRequested();
            var step = Steps.StepOf(entry);
            if (entries++ < skip)
            {
                skipped++;
                continue;
            }

            planned = Math.Max(planned, entry.PlannedSteps);
            sink.Describe(planned, Format());
            Steps.Add(entry, step);
            while (!sink.HasRoom && !sink.IsOff)
            {
                await Task.Delay(RoomWait, time, stop);
            }

            if (sink.IsOff)
            {
                throw new CliException(ExitCodes.Failure, "The server does not take this run.");
            }
        }
    }

    private void Complain()
    {
        if (source!.Skipped > 0)
        {
            voice.Once("Records of the log are damaged (wrong checksum): they are passed over and counted.");
        }

        if (source.Broken is { } why)
        {
            voice.Once($"{why}: nothing beyond it can be read, unless the file is written anew.");
        }

        if (source.Replaced > 0)
        {
            voice.Once("A file of the log was replaced or cut short: it is read again from its start.");
        }

        if (Steps.CountsEntries)
        {
            voice.Once("The log names no step: its entries are counted instead (--map NAME=step names the step).");
        }

        if (source.Format is { } format && found!.Format == LogFormat.Text)
        {
            voice.Once($"Its lines are {FormatNames.Of(format)}.");
        }
    }

    private string Format() => source?.Format is { } format ? FormatNames.Of(format) : "text";

    private TailJson State() => new(
        request.RunId, found?.Path, source?.Format is { } format ? FormatNames.Of(format) : null, entries, Steps.Steps, Steps.Scalars, skipped, source?.Skipped ?? 0,
        Steps.LastStep < 0 ? null : Steps.LastStep,
        names.Answers.Where(answer => answer.Value != Known.None).ToDictionary(answer => answer.Key, answer => KnownNames.Of(answer.Value), StringComparer.Ordinal),
        sink.Page.Length == 0 ? null : sink.Page);
}
