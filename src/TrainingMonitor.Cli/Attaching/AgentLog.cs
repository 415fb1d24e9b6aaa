using System.Globalization;

namespace TrainingMonitor.Cli.Attaching;

/// <summary>Sentences with their time in a file; nobody reads an agent's console.</summary>
internal sealed class AgentLog(string path, TimeProvider time)
{
    private readonly Lock gate = new();

    /// <summary>Adds a line; a disk that is full must not end the agent.</summary>
    public void Write(string sentence)
    {
        try
        {
            lock (gate)
            {
                File.AppendAllText(path, string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():O} {sentence}\n"));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Nowhere to say it.
        }
    }
}
