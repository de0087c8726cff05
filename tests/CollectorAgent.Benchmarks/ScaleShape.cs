using System.Globalization;

namespace CollectorAgent.Benchmarks;

/// <summary>How many data sources there are, on how many pages, of how many owners.</summary>
/// <remarks>Where there are fewer owners than pages, several plugins report for one; a single owner is the host, more are VMs.</remarks>
internal sealed record ScaleShape(int Sources, int Pages, int Owners)
{
    public int SourcesOfPage => Sources / Pages;

    public int SourcesOfOwner => Sources / Owners;

    public static ScaleShape Parse(ReadOnlySpan<string> numbers) => new(Number(numbers[0]), Number(numbers[1]), Number(numbers[2]));

    public string[] Arguments() => [Text(Sources), Text(Pages), Text(Owners)];

    /// <summary>Whose the data source at a place of a page is.</summary>
    public int OwnerOf(int page, int place) =>
        Owners < Pages ? page % Owners : page * (Owners / Pages) + place * (Owners / Pages) / SourcesOfPage;

    /// <summary>A number that names the data source among those of its owner.</summary>
    public int NumberOf(int page, int place) => Owners < Pages ? page * SourcesOfPage + place : place;

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
