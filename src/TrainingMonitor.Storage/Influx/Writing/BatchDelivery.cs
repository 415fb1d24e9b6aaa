namespace TrainingMonitor.Storage.Influx.Writing;

/// <summary>Brings a batch of lines to a server whatever it says of them: what is too large is halved; where some lines are poison they are found by halving, as
/// no version says reliably which ones and whether it took the others. Sending a good line twice changes nothing: its stamp is its own.</summary>
internal sealed class BatchDelivery(InfluxWriteClient client, DeadLetterFile deadLetters, InfluxCounters counters)
{
    /// <summary>Requests that may go into the search of one batch; then what is still refused is refused whole.</summary>
    private const int MostSearches = 1000;

    /// <summary>Accept: every line has been settled (and counted). Keep: nothing is, and the same batch is to come again.</summary>
    /// <param name="lines">Whole lines.</param>
    /// <param name="suspect">The server fails at this batch again and again: if it fails once more, look for the lines that make it fail.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<WriteAnswer> DeliverAsync(ReadOnlyMemory<byte> lines, bool suspect, CancellationToken cancellationToken)
    {
        var open = new Stack<ReadOnlyMemory<byte>>(lines.IsEmpty ? [] : [lines]);
        var refused = new List<(ReadOnlyMemory<byte> Lines, WriteAnswer Answer)>();
        long accepted = 0, beyond = 0;
        var searches = 0;
        while (open.TryPop(out var part))
        {
            counters.Request(part.Length);
            var answer = await client.WriteAsync(part, cancellationToken);
            if (answer.Outcome == WriteOutcome.Keep && !(suspect && answer.Status == 500))
            {
                counters.Keep();
                return answer;
            }

            var count = Count(part.Span);
            if (answer.Outcome == WriteOutcome.Accept)
            {
                var dropped = Math.Min(answer.Dropped, count);
                accepted += count - dropped;
                beyond += dropped;
            }
            else if (count > 1 && searches++ < MostSearches)
            {
                var middle = Middle(part.Span);
                open.Push(part[middle..]);
                open.Push(part[..middle]);
            }
            else
            {
                refused.Add((part, answer));
            }
        }

        var dead = 0;
        foreach (var (part, answer) in refused)
        {
            var count = Count(part.Span);
            dead += count;
            deadLetters.Append(part.Span, count, answer);
        }

        counters.Settle(accepted, beyond, dead);
        return new WriteAnswer(WriteOutcome.Accept, 204, "");
    }

    private static int Count(ReadOnlySpan<byte> lines) => lines.Count((byte)'\n');

    /// <summary>Behind the newline nearest below the middle, or the first one.</summary>
    private static int Middle(ReadOnlySpan<byte> lines)
    {
        var before = lines[..(lines.Length / 2)].LastIndexOf((byte)'\n');
        return (before >= 0 ? before : lines.IndexOf((byte)'\n')) + 1;
    }
}
