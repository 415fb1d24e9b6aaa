namespace TrainingMonitor.Server.Security;

/// <summary>Scopes as people write them: "ingest,read".</summary>
internal static class ScopeWords
{
    private static readonly (string Word, TokenScopes Scope)[] All = [("ingest", TokenScopes.Ingest), ("read", TokenScopes.Read), ("admin", TokenScopes.Admin)];

    public static string Of(TokenScopes scopes) => scopes == TokenScopes.None ? "nothing" : string.Join(",", All.Where(s => (scopes & s.Scope) != TokenScopes.None).Select(s => s.Word));

    /// <summary>Reads them; null: a word is none of them.</summary>
    public static TokenScopes? Read(IEnumerable<string> words)
    {
        var scopes = TokenScopes.None;
        foreach (var word in words)
        {
            var known = All.FirstOrDefault(s => s.Word.Equals(word, StringComparison.OrdinalIgnoreCase));
            if (known.Word is null)
                return null;
            scopes |= known.Scope;
        }

        return scopes;
    }
}
