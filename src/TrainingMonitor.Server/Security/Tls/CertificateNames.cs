using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace TrainingMonitor.Server.Security.Tls;

/// <summary>The names in a certificate.</summary>
internal static class CertificateNames
{
    private const string AlternativeNames = "2.5.29.17";
    private static readonly Dictionary<int, string> Kinds = new() { [1] = "EMAIL", [2] = "DNS", [6] = "URI" };

    /// <summary>The subject without the blanks between its parts.</summary>
    public static string Subject(string name) => string.Join(',', name.Split(',').Select(part => part.Trim()));

    /// <summary>Alternative names as "DNS:x", "URI:x", "EMAIL:x".</summary>
    public static IEnumerable<string> Alternatives(X509Certificate2 certificate)
    {
        if (certificate.Extensions[AlternativeNames] is not { } extension)
            yield break;
        var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
        while (names.HasData)
        {
            var tag = names.PeekTag();
            if (tag.TagClass == TagClass.ContextSpecific && Kinds.TryGetValue(tag.TagValue, out var kind))
                yield return $"{kind}:{names.ReadCharacterString(UniversalTagNumber.IA5String, new Asn1Tag(TagClass.ContextSpecific, tag.TagValue))}";
            else
                names.ReadEncodedValue();
        }
    }
}
