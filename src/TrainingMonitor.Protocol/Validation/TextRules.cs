using System.Text;

namespace TrainingMonitor.Protocol.Validation;

/// <summary>Rules of names: any Unicode but control characters and lone surrogates, with lengths in bytes of UTF-8.</summary>
internal static class TextRules
{
    /// <summary>An id: 1 to <paramref name="maxBytes"/> bytes, no '/', not "." or "..". Null, or what is wrong.</summary>
    public static string? Id(string id, int maxBytes) => id switch
    {
        "." or ".." => $"\"{id}\" is no id",
        _ when id.Contains('/') => "'/' is not allowed in an id",
        _ => Name(id, maxBytes),
    };

    /// <summary>A name: 1 to <paramref name="maxBytes"/> bytes. Null, or what is wrong.</summary>
    public static string? Name(string name, int maxBytes) => name.Length == 0 ? "empty" : Text(name, maxBytes);

    /// <summary>A text, which may be empty. Null, or what is wrong.</summary>
    public static string? Text(string text, int maxBytes)
    {
        // No character takes less than a byte, so that an absurdly long text is not even read.
        var bytes = text.Length > maxBytes ? text.Length : Encoding.UTF8.GetByteCount(text);
        if (bytes > maxBytes)
        {
            return $"{bytes} bytes or more of UTF-8, at most {maxBytes} are taken";
        }

        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsControl(c))
            {
                return $"control character U+{(int)c:X4} at position {i}";
            }

            if (!char.IsSurrogate(c))
            {
                continue;
            }

            if (!char.IsHighSurrogate(c) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1]))
            {
                return $"lone surrogate U+{(int)c:X4} at position {i}";
            }

            i++;
        }

        return null;
    }
}
