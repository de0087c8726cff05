namespace CollectorAgent.Cli;

/// <summary>Makes sentences of what others say.</summary>
internal static class Sentence
{
    /// <summary>The text with one mark at its end: its own question mark, or else a full stop.</summary>
    public static string Ended(string text)
    {
        string bare = text.TrimEnd('.', ' ');
        return bare.EndsWith('?') || bare.EndsWith('!') ? bare : bare + ".";
    }
}
