using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace TrainingMonitor.Relay.Sockets;

/// <summary>Who is at the other end of a Unix socket, as the kernel says (SO_PEERCRED).</summary>
/// <param name="ProcessId">Process id in this namespace; 0: it is outside of it.</param>
/// <param name="UserId">User id.</param>
internal readonly record struct PeerCredentials(int ProcessId, uint UserId)
{
    // Linux: asm-generic/socket.h.
    private const int SolSocket = 1, SoPeerCred = 17;

    /// <summary>Asks the kernel.</summary>
    public static PeerCredentials Of(Socket socket)
    {
        Span<byte> answer = stackalloc byte[12];
        socket.GetRawSocketOption(SolSocket, SoPeerCred, answer);
        return new(MemoryMarshal.Read<int>(answer), MemoryMarshal.Read<uint>(answer[4..]));
    }
}
