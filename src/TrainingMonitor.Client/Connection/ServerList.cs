using System.IO.Hashing;
using System.Text;

namespace TrainingMonitor.Client.Connection;

/// <summary>The nodes that the user named. Runs begin at different ones, the ranks of a run at the same, so that nobody has to spread them.</summary>
internal sealed class ServerList(IReadOnlyList<Uri> servers, string runId)
{
    private int index = (int)(XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(runId)) % (uint)servers.Count);

    /// <summary>How many there are.</summary>
    public int Count => servers.Count;

    /// <summary>The one to try.</summary>
    public Uri Current => servers[index];

    /// <summary>Goes on to the next.</summary>
    public void Next() => index = (index + 1) % servers.Count;
}
