using System.Text;
using TrainingMonitor.Storage.Spooling;

namespace TrainingMonitor.Storage.Tests.Spooling;

/// <summary>Batches that say what they are.</summary>
internal static class SpoolBatches
{
    /// <summary>A batch that says its number.</summary>
    public static byte[] Body(int number, int size = 0)
    {
        var text = Encoding.UTF8.GetBytes($"{number}\n");
        if (size <= text.Length)
        {
            return text;
        }

        var body = new byte[size];
        new Random(number).NextBytes(body);
        text.CopyTo(body, 0);
        return body;
    }

    public static int Number(SpoolRecord record)
    {
        var text = record.Body.Span;
        var number = int.Parse(text[..text.IndexOf((byte)'\n')], System.Globalization.CultureInfo.InvariantCulture);
        text.SequenceEqual(Body(number, text.Length)).ShouldBeTrue("the batch is not what was appended");
        return number;
    }

    public static List<int> Drain(ISpool spool)
    {
        var numbers = new List<int>();
        while (spool.TryPeek(out var record))
        {
            numbers.Add(Number(record));
            spool.Remove(record);
        }

        return numbers;
    }
}
