using System.Formats.Tar;
using Grpc.Core;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Tests.Support;
using TrainingMonitor.Storage.Backups;
using TrainingMonitor.Storage.Recording;

namespace TrainingMonitor.Server.Tests.Hosting;

/// <summary>A backup of a running server under load, restored elsewhere: runs, series, alerts, silences and tokens are those of the server, up to one moment.</summary>
public sealed class BackupTests
{
    private const string Section = """{"receivers":[{"name":"script","kind":"command","program":"/bin/true"}]}""";

    [Fact]
    public async Task What_is_restored_is_what_was_there()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerUnderTest.StartRealAsync(o => o with { Notifications = Section, SnapshotInputs = 50, SnapshotSeconds = 0.1 });
        var reader = await Tokens.CreateAsync(server, "reader", "read");
        await Tokens.AskAsync(server, server.Token, "/api/v1/silences?project=tests&minutes=60", HttpMethod.Post);
        await FinishedAsync(server, "done");
        using var stop = new CancellationTokenSource();
        var loads = Enumerable.Range(0, 3).Select(i => LoadAsync(server, $"load-{i}", stop.Token)).ToList();
        await Eventually.Async(async () => (await Run(server, "load-2"))?.Summary.Step > 100);

        // The server goes far between the copies: in another order, or without the hold, they would not fit.
        var waits = new Waits(async () =>
        {
            var from = (await Run(server, "load-1"))!.Summary.Step;
            await Eventually.Async(async () => (await Run(server, "load-1"))!.Summary.Step > from + 300);
        });
        (await server.Server.Node)!.Backups!.Progress = waits;
        var archives = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            archives.Add(Path.Combine(folder.Path, $"{i}.tar"));
            await using var file = File.Create(archives[i]);
            using var answer = await server.Http.GetAsync("/api/v1/backup", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            answer.EnsureSuccessStatusCode();
            await answer.Content.CopyToAsync(file, TestContext.Current.CancellationToken);
        }

        waits.Told.ShouldBe(Enumerable.Repeat<string[]>(["snapshots.db", "series.duckdb", "notifications.db", "tokens.db"], 2).SelectMany(names => names));
        var during = (await Run(server, "load-0"))!.Summary.Step;
        await stop.CancelAsync();
        await Task.WhenAll(loads);
        await Eventually.Async(async () => (await Loss(server, "load-0"))?.X.Count == (await loads[0]) && (await Loss(server, "load-2"))?.X.Count == (await loads[2]));

        foreach (var archive in archives)
        {
            await using var restored = new ServerUnderTest { Real = true };
            await using (var file = File.OpenRead(archive))
                (await BackupReader.RestoreAsync(file, restored.Data, TestContext.Current.CancellationToken)).LogPosition.ShouldBeGreaterThan(0);
            File.Exists(Path.Combine(restored.Data, "token")).ShouldBeFalse();
            (await File.ReadAllTextAsync(Path.Combine(restored.Data, "audit.jsonl"), TestContext.Current.CancellationToken)).ShouldContain("token.create");
            // As a server leaves it that is killed while it makes a backup.
            Directory.CreateDirectory(Path.Combine(restored.Data, "backup.tmp"));
            await File.WriteAllTextAsync(Path.Combine(restored.Data, "backup.tmp", "half"), "x", TestContext.Current.CancellationToken);
            await restored.BeginAsync(o => o with { Notifications = Section });
            Directory.Exists(Path.Combine(restored.Data, "backup.tmp")).ShouldBeFalse();

            // What a live actor has counted of its streams is its own: a run that is read from the store has none of it.
            var (done, was) = ((await Run(restored, "done"))!, (await Run(server, "done"))!);
            foreach (var counter in was.Counters.Keys.Except(done.Counters.Keys).ToList())
            {
                was.Counters[counter].ShouldBe(0UL);
                was.Counters.Remove(counter);
            }

            done.ShouldBe(was);
            (await Loss(restored, "done")).ShouldBe(await Loss(server, "done"));
            (await Alerts(restored, "done")).ShouldBe(await Alerts(server, "done"));
            for (var i = 0; i < loads.Count; i++)
            {
                // A whole prefix: every step up to the newest, with the values of the server, and the recorded frames of it.
                var id = $"load-{i}";
                var step = (await Run(restored, id))!.Summary.Step;
                step.ShouldBeInRange(100UL, during + 200);
                await Eventually.Async(async () => (await Loss(restored, id))?.X.Count == (int)step + 1);
                var (part, whole) = ((await Loss(restored, id))!, (await Loss(server, id))!);
                part.Last.ShouldBe(whole.Last.Take((int)step + 1));
                (await Layer(restored, id, (int)step)).ShouldNotBeNull().ShouldBe(await Layer(server, id, (int)step));
                var (kept, all) = (await Frames(restored, id), await Frames(server, id));
                kept.ShouldBe(all.Take(kept.Count));
                kept.Count.ShouldBeGreaterThan((int)step);
            }

            (await Tokens.AskAsync(restored, reader, "/api/v1/runs")).Status.ShouldBe(200);
            (await Tokens.AskAsync(restored, restored.Token, "/api/v1/silences")).Body.ShouldContain("\"project\":\"tests\"");
            // It goes on: trainers take up where the copy ends.
            using var trainer = new Trainer(restored);
            await trainer.OpenAsync(Trainer.Hello("new"));
            await trainer.SendAsync(Trainer.Scalars(1));
            (await trainer.ReadAckAsync(1)).Received.ShouldBe(1UL);
        }
    }

    [Fact]
    public async Task A_backup_that_is_damaged_cut_off_or_none_is_refused_and_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        var archive = Path.Combine(folder.Path, "a.tar");
        await using (var server = await ServerUnderTest.StartRealAsync())
        {
            await FinishedAsync(server, "done");
            await File.WriteAllBytesAsync(archive, await server.Http.GetByteArrayAsync("/api/v1/backup", TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
            Directory.GetFileSystemEntries(server.Data, "backup.tmp").ShouldBeEmpty();
        }

        var bytes = await File.ReadAllBytesAsync(archive, TestContext.Current.CancellationToken);
        var target = Path.Combine(folder.Path, "restored");
        await RefusedAsync(bytes[..(bytes.Length / 2)]);
        await RefusedAsync([]);
        await RefusedAsync(System.Text.Encoding.UTF8.GetBytes(new string('x', 2000)));
        foreach (var name in (string[])["snapshots.db", "series.duckdb", "tokens.db", "00000000000000000001.log"])
        {
            var damaged = bytes.ToArray();
            damaged[Find(damaged, name) + 1024 + 512]++;
            await RefusedAsync(damaged);
        }

        await RefusedAsync(await WithAsync(bytes, "../evil"));
        await RefusedAsync(await WithAsync(bytes, "token"));
        Directory.GetFileSystemEntries(folder.Path).ShouldBe([archive]);

        Directory.CreateDirectory(target);
        await File.WriteAllTextAsync(Path.Combine(target, "mine"), "x", TestContext.Current.CancellationToken);
        await Should.ThrowAsync<IOException>(() => BackupReader.RestoreAsync(new MemoryStream(bytes), target, TestContext.Current.CancellationToken));
        File.Delete(Path.Combine(target, "mine"));
        await BackupReader.RestoreAsync(new MemoryStream(bytes), target, TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(target).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        async Task RefusedAsync(byte[] wrong)
        {
            await Should.ThrowAsync<InvalidDataException>(() => BackupReader.RestoreAsync(new MemoryStream(wrong), target, TestContext.Current.CancellationToken));
            (Directory.Exists(target), Directory.Exists(target + ".restoring")).ShouldBe((false, false));
        }
    }

    [Fact]
    public async Task Two_backups_at_once_are_one_too_many()
    {
        await using var server = await ServerUnderTest.StartRealAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Tokens.AskAsync(server, server.Token, "/api/v1/backup")));
        answers.ShouldContain(a => a.Status == 200);
        answers.ShouldAllBe(a => a.Status == 200 || a.Status == 409);
        (await Tokens.AskAsync(server, server.Token, "/api/v1/backup")).Status.ShouldBe(200);
    }

    private sealed class Waits(Func<Task> wait) : IProgress<string>
    {
        public List<string> Told { get; } = [];

        public void Report(string value)
        {
            Told.Add(value);
            Task.Run(wait, CancellationToken.None).GetAwaiter().GetResult();
        }
    }

    private static int Find(byte[] tar, string name) => tar.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(name)) is >= 0 and var at ? at / 512 * 512 : throw new InvalidOperationException($"There is no {name}.");

    // The archive with one more file in it.
    private static async Task<byte[]> WithAsync(byte[] archive, string name)
    {
        using var result = new MemoryStream();
        await using (var writer = new TarWriter(result, TarEntryFormat.Pax, leaveOpen: true))
        {
            await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream([1]) }, TestContext.Current.CancellationToken);
            await using var reader = new TarReader(new MemoryStream(archive));
            while (await reader.GetNextEntryAsync(copyData: true, TestContext.Current.CancellationToken) is { } entry)
                await writer.WriteEntryAsync(entry, TestContext.Current.CancellationToken);
        }

        return result.ToArray();
    }

    private static async Task FinishedAsync(ServerUnderTest server, string id)
    {
        using var trainer = new Trainer(server);
        await trainer.OpenAsync(Trainer.Hello(id));
        await trainer.SendAsync(Steps.Table(1));
        for (var i = 0; i < 60; i++)
            await trainer.SendWithinCreditsAsync(Steps.Report((ulong)i + 2, (ulong)i, i == 40 ? double.NaN : 1.0 / (i + 1)));
        await trainer.SendWithinCreditsAsync(Steps.Goodbye(62));
        await trainer.DoneAsync();
        while (await trainer.ReadAsync() is not null)
        {
        }

        await Eventually.Async(async () => (await Loss(server, id))?.X.Count == 60 && (await Alerts(server, id)).Count > 0);
    }

    // Reports as fast as the server takes them, until it is told to stop; all of them acked then. The number of steps.
    private static async Task<int> LoadAsync(ServerUnderTest server, string id, CancellationToken stop)
    {
        using var trainer = new Trainer(server);
        await trainer.OpenAsync(Trainer.Hello(id));
        await trainer.SendAsync(Steps.Table(1));
        var step = 0;
        for (; !stop.IsCancellationRequested && step < 50_000; step++)
        {
            await trainer.SendWithinCreditsAsync(Steps.Report((ulong)step + 2, (ulong)step, 1.0 / (step + 1)));
            if (step % 20 == 0)
                await Task.Delay(1, CancellationToken.None);
        }

        await trainer.ReadAckAsync((ulong)step + 1);
        return step;
    }

    private static Protocol.V1.Queries.QueriesClient Queries(ServerUnderTest server) => new(server.Channel);

    private static async Task<RunDetail?> Run(ServerUnderTest server, string id)
    {
        try
        {
            return await Queries(server).GetRunAsync(new GetRunRequest { RunId = id }, server.Call());
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }

    private static async Task<Series?> Loss(ServerUnderTest server, string id)
    {
        var count = (await Run(server, id))?.Summary.Step ?? 0;
        var all = new Series();
        // Also what lies behind the newest step: there must be nothing.
        for (ulong from = 0; from <= count + 3000; from += 1000)
        {
            var part = (await Queries(server).GetSeriesAsync(new SeriesRequest { RunId = id, Names = { "loss" }, From = from, To = from + 999, MaxBuckets = 1000 }, server.Call())).Series.SingleOrDefault();
            all.X.Add(part?.X ?? []);
            all.Last.Add(part?.Last ?? []);
        }

        return all;
    }

    // Windows of a layer that are whole up to the step.
    private static async Task<Series?> Layer(ServerUnderTest server, string id, int step) =>
        (await Queries(server).GetSeriesAsync(new SeriesRequest { RunId = id, Names = { "grad_norm" }, Layer = "a", From = 0, To = step / 64 * 64 - 65, MaxBuckets = 2000 }, server.Call())).Series.SingleOrDefault();

    private static async Task<IReadOnlyList<Alert>> Alerts(ServerUnderTest server, string id) =>
        (await Queries(server).ListAlertsAsync(new ListAlertsRequest { RunId = id }, server.Call())).Alerts;

    private static async Task<List<string>> Frames(ServerUnderTest server, string id)
    {
        using var bytes = new MemoryStream();
        using var call = Queries(server).GetRecording(new RecordingRequest { RunId = id }, server.Call());
        await foreach (var chunk in call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken))
            chunk.Data.WriteTo(bytes);
        bytes.Position = 0;
        // Clock decisions and openings are the server's own; what trainers sent is compared.
        return [.. new RecordingReader(bytes).Read().Select(record => Convert.ToHexString(record.Body.Span)).Where(body => body.Length > 0)];
    }
}
