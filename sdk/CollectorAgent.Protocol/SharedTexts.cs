namespace CollectorAgent.Protocol;

/// <summary>Makes one string of the equal texts of a page, and takes those of the page before where they are the same.</summary>
/// <remarks>Owners, units and descriptions come again and again on a page, and most of a page is what it was before.</remarks>
internal sealed class SharedTexts(ReportedSource[] previous)
{
    // So many new texts do not pay for looking at all the texts of the page before.
    private const int FewTexts = 256;

    // Made when the first text is found that is not where it was.
    private HashSet<string>.AlternateLookup<ReadOnlySpan<char>>? _texts;
    private bool _hasPrevious;

    /// <summary>A text as a string.</summary>
    /// <param name="likely">What it was before, or empty.</param>
    public string Get(ReadOnlySpan<char> text, string likely)
    {
        if (text.SequenceEqual(likely))
        {
            return likely;
        }
        var texts = _texts ??= new HashSet<string>().GetAlternateLookup<ReadOnlySpan<char>>();
        if (!texts.TryGetValue(text, out string? shared))
        {
            if (texts.Set.Count >= FewTexts && !_hasPrevious)
            {
                AddPrevious(texts.Set);
                return Get(text, likely);
            }
            shared = new string(text);
            texts.Set.Add(shared);
        }
        return shared;
    }

    private void AddPrevious(HashSet<string> texts)
    {
        _hasPrevious = true;
        foreach (var source in previous)
        {
            texts.Add(source.Name);
            texts.Add(source.Owner.Uuid);
            texts.Add(source.Units);
            texts.Add(source.Description);
        }
    }
}
