namespace TrainingMonitor.Storage.Log.Files;

/// <summary>Reads the durable records of one segment.</summary>
internal static class SegmentReader
{
    internal delegate void DamageReport(Segment segment, long offset, long length, string description);

    /// <summary>Records up to a position. A segment that the cap has deleted meanwhile gives none.</summary>
    public static IEnumerable<FrameRecord> Read(Segment segment, RunIdCache names, long lastPosition, DamageReport report)
    {
        var end = segment.DurableLength;
        using var cursor = TryOpen(segment, end);
        if (cursor is null)
        {
            yield break;
        }

        var previous = segment.FirstPosition - 1;
        while (cursor.MoveNext())
        {
            var header = cursor.Header;
            if (cursor.Skipped > 0)
            {
                report(segment, cursor.IntactEnd - header.Size - cursor.Skipped, cursor.Skipped, "unreadable bytes between records were skipped");
            }

            if (header.Position > lastPosition)
            {
                yield break;
            }

            if (header.Position <= previous)
            {
                report(segment, cursor.IntactEnd - header.Size, header.Size, "a record out of order was skipped");
                continue;
            }

            previous = header.Position;
            if (names.TryGet(cursor.RunId.Span, out var runId))
            {
                yield return new FrameRecord(header.Position, (FrameRecordKind)header.Kind, runId, header.Attempt, header.Rank, cursor.Body);
            }
        }

        if (cursor.IntactEnd < end)
        {
            report(segment, cursor.IntactEnd, end - cursor.IntactEnd, "unreadable bytes at the end of a segment were skipped");
        }
    }

    private static RecordCursor? TryOpen(Segment segment, long end)
    {
        try
        {
            return new RecordCursor(segment, end);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
