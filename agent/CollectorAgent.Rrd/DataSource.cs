namespace CollectorAgent.Rrd;

/// <summary>Definition of one measured series.</summary>
/// <param name="Name">Unique for its owner. See <see cref="NameOf"/>.</param>
/// <param name="Type">What a raw value means.</param>
/// <param name="Min">Smallest value that is stored, in the unit of the PDP; anything below is unknown.</param>
/// <param name="Max">Largest value that is stored; anything above is unknown.</param>
/// <param name="HeartbeatSeconds">Longest silence before the values since the last sample are unknown.</param>
public sealed record DataSource(
    string Name,
    DataSourceType Type,
    double Min = double.NegativeInfinity,
    double Max = double.PositiveInfinity,
    double HeartbeatSeconds = DataSource.StandardHeartbeatSeconds)
{
    public const double StandardHeartbeatSeconds = 300;

    /// <inheritdoc cref="DataSource"/>
    public string Name { get; init => field = NameOf(value); } = NameOf(Name);

    /// <summary>The PDP is 1 - x instead of x: an idle time becomes a utilisation. <see cref="Min"/> and
    /// <see cref="Max"/> speak of the result.</summary>
    public bool Inverse { get; init; }

    /// <summary>Raw values are 64-bit integers, else doubles.</summary>
    public bool IsInteger { get; init; }

    /// <summary>A name as data sources have it, wherever it comes from: readers split entries of legends at colons, so a colon is a slash.
    /// </summary>
    public static string NameOf(string text) => text.Replace(':', '/');

    /// <summary>Whether it differs in nothing but its name.</summary>
    internal bool IsLike(DataSource other) =>
        Type == other.Type
        && IsInteger == other.IsInteger
        && Inverse == other.Inverse
        && Min.Equals(other.Min)
        && Max.Equals(other.Max)
        && HeartbeatSeconds.Equals(other.HeartbeatSeconds);

    /// <summary>A raw value as a number: NaN where it is none.</summary>
    internal double Value(long raw)
    {
        if (IsInteger)
        {
            return Type == DataSourceType.Counter ? (ulong)raw : raw;
        }
        double value = BitConverter.Int64BitsToDouble(raw);
        return double.IsFinite(value) ? value : double.NaN;
    }
}
