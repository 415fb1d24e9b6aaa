namespace TrainingMonitor.Client.Buffering;

/// <content>What lies on disk: how it comes there, and how it goes.</content>
internal sealed partial class Backlog
{
    /// <summary>Moves memory to disk, so that it survives this process.</summary>
    public void SpillMemory()
    {
        lock (gate)
        {
            Spill();
        }
    }

    /// <summary>A frame that was there cannot be read any more: it and those after it that cannot be read either are given up, so that what comes after them arrives. Call it
    /// when all before it is durable. The stream has to be opened again, to say so.</summary>
    public void GiveUp(ulong sequence)
    {
        lock (gate)
        {
            var next = Math.Min(spill?.NextReadable(sequence) ?? memoryFirst, memoryFirst);
            if (next <= sequence)
            {
                return; // the disk has come to its senses
            }

            speaker.Once("given up", $"frames {sequence} to {next - 1} on disk are damaged; they are left out, their file is kept aside in {spill?.DamagedFolder}");
            givenUpTo = next;
            durable = Math.Max(durable, Math.Min(next - 1, newest));
            try
            {
                Forget();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                speaker.Once("spill delete", $"delivered frames cannot be deleted from disk: {e.Message}");
            }

            diskBytes = spill?.Bytes ?? 0;
        }
    }

    /// <summary>Deletes what lies on disk where all is delivered; else leaves it to the next process.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            memory.Clear();
            memoryBytes = 0;
            if (spill is not null && durable >= newest)
            {
                spill.Delete();
            }
            else
            {
                spill?.Dispose();
            }

            spill = null;
        }
    }

    /// <summary>Keeps what lies on disk out of the way of later processes.</summary>
    public void SetAside()
    {
        lock (gate)
        {
            spill?.SetAside();
            spill = null;
        }
    }

    private ulong OldestKept() => Math.Max(givenUpTo, spill is { First: > 0 } ? spill.First : Math.Max(memoryFirst, durable + 1));

    // What the frames that stay were made with is written before the ones that say it go: the next process may need it.
    private void Forget()
    {
        var first = spill?.FirstAfter(durable) ?? 0;
        grounds.Settle(Math.Max(givenUpTo, first > 0 ? first : Math.Max(memoryFirst, durable + 1)));
        if (first > 0 && first > spill!.First)
        {
            KeepGrounds();
        }

        spill?.Forget(durable);
    }

    private void KeepGrounds()
    {
        if (grounds.IsUnkept)
        {
            spill!.Keep(grounds.Opening());
            grounds.Kept();
        }
    }

    private void Spill()
    {
        if (memory.Count == 0 || spillFailed)
        {
            return;
        }

        try
        {
            spill ??= create!();
            if (spill.First == 0)
            {
                grounds.Settle(memory.Keys.Min());
                KeepGrounds();
            }

            spill.Append([.. memory.Keys.Order().Select(s => new StoredFrame(s, memory[s]))]);
            memory.Clear();
            memoryBytes = 0;
            memoryFirst = newest + 1;
            diskBytes = spill.Bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Training goes on with what memory holds; steps beyond it are dropped as pairs.
            spillFailed = true;
            speaker.Once("spill", $"the buffer cannot go to disk ({e.Message}); it is limited to memory");
        }
    }
}
