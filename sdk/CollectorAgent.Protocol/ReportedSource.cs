namespace CollectorAgent.Protocol;

/// <summary>A data source as a page declares it. Defaults are those of the page formats.</summary>
/// <param name="Name">Unique for its owner; no control characters, no colon (readers split names at colons).</param>
public sealed record ReportedSource(string Name)
{
    /// <summary>Longest name, in characters.</summary>
    public const int MaxNameLength = 255;

    /// <summary>Longest unit, in characters.</summary>
    public const int MaxUnitsLength = 64;

    /// <summary>Longest description, in characters.</summary>
    public const int MaxDescriptionLength = 4096;

    /// <summary>Longest incarnation, in characters.</summary>
    public const int MaxIncarnationLength = 64;

    /// <summary>Whom the values describe.</summary>
    public Owner Owner { get; init; } = Owner.Host;

    /// <summary>What a value means; a page that does not say it means a count since the last sample.</summary>
    public ReportedType Type { get; init; } = ReportedType.Absolute;

    /// <summary>Values are 64-bit integers (<c>int64</c>), else doubles (<c>float</c>).</summary>
    public bool IsInteger { get; init; }

    /// <summary>Recorded unless somebody says otherwise; else offered only.</summary>
    public bool IsDefault { get; init; }

    /// <summary>Kept as 1 - x (<c>transform</c> is <c>inverse</c>).</summary>
    public bool IsInverse { get; init; }

    /// <summary>Free text; <c>B</c>, <c>B/s</c>, <c>(fraction)</c> and so on. The sign of micro that keyboards have, U+00B5, becomes the Greek
    /// letter, U+03BC, which readers in the field know.</summary>
    public string Units { get; init => field = WithGreekMu(value); } = "";

    internal static string WithGreekMu(string units) => units.Replace('\u00B5', '\u03BC');

    /// <summary>One sentence for people.</summary>
    public string Description { get; init; } = "";

    /// <summary>Which life of the owner a counter counts in, such as the id of a VM's domain; empty where nothing is said. When it changes
    /// from one sample to the next, a DERIVE or COUNTER has begun anew at 0 in between.</summary>
    public string Incarnation { get; init; } = "";

    /// <summary>Smallest value that is kept, in the unit of what is kept.</summary>
    public double Min { get; init; } = double.NegativeInfinity;

    /// <summary>Largest value that is kept.</summary>
    public double Max { get; init; } = double.PositiveInfinity;
}
