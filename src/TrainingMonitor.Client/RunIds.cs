using System.Globalization;
using System.Security.Cryptography;

namespace TrainingMonitor.Client;

/// <summary>Ids of runs that nobody named.</summary>
public static class RunIds
{
    /// <summary>Time and a random part: "20261126-142213-0b63c3".</summary>
    public static string New(TimeProvider time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.GetLocalNow():yyyyMMdd-HHmmss}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}");
}
