using System.Text.RegularExpressions;

namespace CollectorAgent.Rrd.Formats;

/// <summary>Finds out what a document means by the value of an unfinished AVERAGE row.</summary>
/// <remarks>
/// This agent and those before it write the sum of the known PDPs divided by how many PDPs of the row are not unknown so far, as if the row
/// were over; rrdtool writes the sum. Nothing in a document says which, but who has written it shows: rrdtool writes every number with ten
/// digits behind the point and an exponent, and a primary value that is the newest row; agents write their xff as people do, and 0 as primary
/// value. What shows neither, as a tool has rewritten it, has unfinished rows that nobody can tell the meaning of: they are unknown.
/// </remarks>
internal sealed partial class UnfinishedRows
{
    private bool _isOfRrdtool;
    private bool _isOfAnother;
    private bool _hasPrimary;

    /// <param name="text">As it is written.</param>
    public void SeeXff(ReadOnlySpan<char> text)
    {
        bool isIts = TenDigits().IsMatch(text);
        _isOfRrdtool |= isIts;
        _isOfAnother |= !isIts;
    }

    /// <param name="member">Of an entry of <c>cdp_prep</c>.</param>
    public void See(string member, double value) => _hasPrimary |= member is "primary_value" or "secondary_value" && value != 0;

    /// <summary>The unfinished row as the engine takes it up.</summary>
    public CdpScratch Of(RraDefinition rra, CdpScratch written) =>
        _isOfRrdtool && !_isOfAnother ? OfRrdtool(rra, written)
        : _isOfRrdtool || _hasPrimary ? new CdpScratch(double.NaN, rra.PdpPerCdp)
        : written;

    private static CdpScratch OfRrdtool(RraDefinition rra, CdpScratch written) =>
        rra.Function == ConsolidationFunction.Average && written.UnknownPdps < rra.PdpPerCdp
            ? written with { Value = written.Value / (rra.PdpPerCdp - written.UnknownPdps) }
            : written;

    [GeneratedRegex(@"^[0-9]\.[0-9]{10}[eE][+-][0-9]{2}$")]
    private static partial Regex TenDigits();
}
