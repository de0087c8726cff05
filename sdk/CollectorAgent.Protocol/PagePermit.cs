using System.IO.Enumeration;

namespace CollectorAgent.Protocol;

/// <summary>What one plugin may have on a page.</summary>
/// <param name="Owners">Whom it may describe: <c>host</c>, <c>vm</c> and <c>sr</c> for any of a kind, or one owner as <see cref="Owner.TryParse"/>
/// reads it; null for all.</param>
/// <param name="Sources">Names of data sources; <c>*</c> stands for any text; null for all.</param>
/// <param name="MaxSources">The most data sources on a page.</param>
/// <param name="MaxPageBytes">The longest page.</param>
public sealed record PagePermit(IReadOnlyList<string>? Owners, IReadOnlyList<string>? Sources, int MaxSources, int MaxPageBytes)
{
    /// <summary>The longest page that can be: its values, its metadata and some room for what is between them.</summary>
    public const int MostPageBytes = PageReader.MaxMetadataBytes + 8 * PageReader.MaxSources + 64;

    /// <summary>The permit of a plugin that no manifest speaks of.</summary>
    public static PagePermit Unlimited { get; } = new(null, null, PageReader.MaxSources, MostPageBytes);

    /// <summary>Whether the plugin may report this data source.</summary>
    public bool Allows(ReportedSource source) => AllowsOwner(source.Owner) && AllowsName(source.Name);

    /// <summary>Whether the plugin may describe this owner.</summary>
    public bool AllowsOwner(Owner owner)
    {
        if (Owners is null)
        {
            return true;
        }
        string text = owner.ToString();
        string kind = owner.Kind.ToString();
        return Owners.Any(o => o.Equals(text, StringComparison.OrdinalIgnoreCase) || o.Equals(kind, StringComparison.OrdinalIgnoreCase));
    }

    private bool AllowsName(string name) => Sources is null || Sources.Any(s => FileSystemName.MatchesSimpleExpression(s, name, ignoreCase: false));
}
