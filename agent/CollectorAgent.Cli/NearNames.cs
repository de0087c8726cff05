namespace CollectorAgent.Cli;

/// <summary>Finds the names that somebody may have meant.</summary>
internal static class NearNames
{
    private const int MaxSuggestions = 3;
    private const int MaxLength = 128;

    /// <summary>The nearest names, best first; none where none is near.</summary>
    public static IReadOnlyList<string> Of(string wanted, IEnumerable<string> names)
    {
        string folded = Fold(wanted);
        return [.. names.Distinct()
            .Select(n => (Name: n, Distance: Distance(folded, Fold(n))))
            .Where(n => n.Distance <= Math.Max(2, folded.Length / 3) || (folded.Length > 1 && Fold(n.Name).Contains(folded, StringComparison.Ordinal)))
            .OrderBy(n => n.Distance)
            .ThenBy(n => n.Name, StringComparer.Ordinal)
            .Take(MaxSuggestions)
            .Select(n => n.Name)];
    }

    /// <summary>The end of a sentence about a name that is not there.</summary>
    public static string Hint(string wanted, IEnumerable<string> names)
    {
        var near = Of(wanted, names);
        return near.Count == 0
            ? "'collectorctl top --count 1' lists what there is."
            : $"Near to it: {string.Join(", ", near.Select(Printable.Of))}.";
    }

    private static string Fold(string name) => (name.Length > MaxLength ? name[..MaxLength] : name).ToLowerInvariant();

    /// <summary>Insertions, deletions and replacements from one to the other.</summary>
    private static int Distance(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
