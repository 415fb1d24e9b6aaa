using System.ComponentModel;
using System.Runtime.InteropServices;

namespace TrainingMonitor.Relay.Sockets;

/// <summary>A folder with mode 0700 for a socket and what belongs to it, made with a name nobody can guess.</summary>
public static partial class SocketFolder
{
    // sun_path of Linux has 108 bytes with the closing zero.
    private const int LongestSocketPath = 107;

    /// <summary>Makes the folder.</summary>
    /// <param name="parent">A folder that exists, such as /tmp.</param>
    /// <param name="owner">User and group that shall own it; null: as this process.</param>
    /// <exception cref="IOException">It cannot be made, or not be given to its owner.</exception>
    public static string Make(string parent, (uint User, uint Group)? owner = null)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("The relay needs Linux.");
        }

        var folder = Path.Combine(parent, $"trainmon-{Path.GetRandomFileName().Replace(".", "", StringComparison.Ordinal)}");
        if (Path.Exists(folder))
        {
            throw new IOException($"{folder} is there already.");
        }

        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (owner is { } wanted)
        {
            Give(folder, wanted.User, wanted.Group);
        }

        return folder;
    }

    /// <summary>Path of the socket in a folder.</summary>
    /// <exception cref="IOException">The path is longer than the system takes.</exception>
    public static string Socket(string folder)
    {
        var path = Path.Combine(folder, "relay.sock");
        return System.Text.Encoding.UTF8.GetByteCount(path) <= LongestSocketPath
            ? path
            : throw new IOException($"The path {path} is too long for a socket, at most {LongestSocketPath} bytes are possible.");
    }

    /// <summary>Gives a file or folder to a user; nothing to do where it is theirs.</summary>
    /// <exception cref="IOException">Not allowed.</exception>
    public static void Give(string path, uint user, uint group)
    {
        if (ChangeOwner(path, user, group) != 0)
        {
            throw new IOException($"{path} cannot be given to user {user}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ChangeOwner(string path, uint user, uint group);
}
