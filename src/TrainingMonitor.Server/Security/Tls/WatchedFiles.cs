using System.Security.Cryptography;

namespace TrainingMonitor.Server.Security.Tls;

/// <summary>Tells when files have changed by what is in them: a rotation may swap a link above them, which no time stamp and no notification of the folder shows reliably.</summary>
internal sealed class WatchedFiles(params string[] paths)
{
    private byte[] seen = [];

    /// <summary>Whether they hold something else than at the last call.</summary>
    /// <exception cref="IOException">One cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public bool HaveChanged()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in paths)
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(path)));
        var now = hash.GetHashAndReset();
        if (now.AsSpan().SequenceEqual(seen))
            return false;
        seen = now;
        return true;
    }
}
