using System.Globalization;
using System.Text;
using CollectorAgent.Protocol;

namespace CollectorAgent.Cli;

/// <summary>Gives data sources names that rrdtool can use.</summary>
/// <remarks>rrdtool restores no name of more than 19 bytes, cuts one at its first blank, and takes other signs only until a
/// graph is to be made of them: what is kept here is what rrdcreate(1) permits. A name it permits stays; any other becomes
/// its beginning and a checksum of the whole, so that it is the same in every dump, whatever else is in it.</remarks>
internal static class RrdtoolNames
{
    public const int MaxLength = 19;

    private const int ChecksumDigits = 6;
    private const uint ChecksumMask = 0xFFFFFF;
    private const int KeptLength = MaxLength - ChecksumDigits - 1;

    /// <summary>A new name for each name, in the same order.</summary>
    /// <param name="names">All different.</param>
    public static IReadOnlyList<string> For(IReadOnlyList<string> names)
    {
        var taken = names.Where(IsUsable).ToHashSet(StringComparer.Ordinal);
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        // Two names with one checksum: who comes first must not depend on the order of the document.
        foreach (string name in names.Where(n => !IsUsable(n)).Order(StringComparer.Ordinal))
        {
            uint checksum = Crc32.Compute(Encoding.UTF8.GetBytes(name));
            string renamed = Renamed(name, checksum);
            while (!taken.Add(renamed))
            {
                renamed = Renamed(name, ++checksum);
            }
            given[name] = renamed;
        }
        return [.. names.Select(n => given.GetValueOrDefault(n, n))];
    }

    private static bool IsUsable(string name) => name.Length is > 0 and <= MaxLength && name.All(IsUsable);

    private static bool IsUsable(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';

    private static string Renamed(string name, uint checksum)
    {
        string kept = string.Concat(name.Take(KeptLength).Select(c => IsUsable(c) ? c : '_'));
        return string.Create(CultureInfo.InvariantCulture, $"{kept}_{checksum & ChecksumMask:x6}");
    }
}
