using TrainingMonitor.Client.Buffering;
using TrainingMonitor.Client.Speaking;
using TrainingMonitor.Client.Spilling;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Client.Connection;

/// <summary>Delivers first what earlier processes of the run left on disk, each as its own attempt, then the backlog of this process.</summary>
internal sealed class Courier(ClientOptions options, Speaker speaker, Deliverer deliverer)
{
    private long leftBytes;

    /// <summary>Bytes that earlier processes left and that are not delivered yet.</summary>
    public long LeftBytes => Volatile.Read(ref leftBytes);

    /// <summary>Runs until this process's backlog is delivered, refused, or the process ends.</summary>
    public async Task<SessionEnd> RunAsync(Backlog own, CancellationToken cancellationToken)
    {
        var left = OpenLeftBehind(own.Hello);
        try
        {
            foreach (var earlier in left)
            {
                var end = await deliverer.DeliverAsync(earlier, () => Buffered(own), cancellationToken);
                if (end.Outcome == Outcome.Refused && !end.FrameRefused)
                {
                    return end;
                }

                if (end.Outcome == Outcome.Lost)
                {
                    return end;
                }

                Close(earlier, end);
            }
        }
        finally
        {
            left.ForEach(b => b.Dispose());
        }

        return await deliverer.DeliverAsync(own, () => Buffered(own), cancellationToken);
    }

    private static string Buffered(Backlog own) => own.DiskBytes > 0
        ? $"{Size.Words(own.DiskBytes)} buffered on disk"
        : $"{Size.Words(own.Bytes)} buffered";

    private List<Backlog> OpenLeftBehind(Hello hello)
    {
        var left = new List<Backlog>();
        foreach (var folder in SpillPlace.LeftBehind(options.SpillFolder!, hello))
        {
            try
            {
                if (SpillStore.TryOpen(folder) is not { } store)
                {
                    continue; // A process that still runs holds it.
                }

                if (store.Damaged)
                {
                    speaker.Once($"damaged {folder}", $"what an earlier process left in {folder} ends in damage; the frames before it are sent");
                }

                left.Add(new(store, speaker));
                leftBytes += store.Bytes;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or Google.Protobuf.InvalidProtocolBufferException)
            {
                speaker.Once($"left {folder}", $"what an earlier process left in {folder} cannot be read ({e.Message}); it stays there");
            }
        }

        return left;
    }

    private void Close(Backlog earlier, SessionEnd end)
    {
        Interlocked.Add(ref leftBytes, -earlier.DiskBytes);
        if (end.Outcome == Outcome.Refused)
        {
            speaker.Once("left refused", $"the server refused what an earlier process left ({end.Reason}); it is kept aside");
            earlier.SetAside();
        }

        earlier.Dispose();
    }
}
