using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace TrainingMonitor.Storage.Influx.Writing;

/// <summary>Lines that a server refuses for good, with its words as a comment before them: once the cause is mended, the file can be posted as it is. At its
/// limit the file becomes "….1", in place of the one before.</summary>
internal sealed class DeadLetterFile(string path, TimeProvider time, ILogger logger, long limitBytes = 16 << 20)
{
    public string Path => path;

    public void Append(ReadOnlySpan<byte> lines, int count, in WriteAnswer answer)
    {
        try
        {
            if (File.Exists(path) && new FileInfo(path).Length + lines.Length > limitBytes)
            {
                File.Move(path, path + ".1", overwrite: true);
            }

            var message = answer.Message.ReplaceLineEndings(" ");
            using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
            file.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"# {time.GetUtcNow():O} {answer.Status} {message}\n")));
            file.Write(lines);
            InfluxMessages.DeadLetters(logger, count, answer.Status, message, path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The sink must go on for the lines that are good.
            InfluxMessages.DeadLettersLost(logger, count, path, error);
        }
    }
}
