using CollectorAgent.Protocol;

namespace CollectorAgent.Sampling;

/// <summary>What is known of a plugin's page, copied at one moment.</summary>
/// <param name="Uid">Its id.</param>
/// <param name="State">How it is doing.</param>
/// <param name="Status">What the last look gave.</param>
/// <param name="Detail">What was wrong then, where the status does not say it; else empty.</param>
/// <param name="PageVersion">Version of its page format; 0 before the first sample.</param>
/// <param name="LastSample">When its last sample was taken, in Unix seconds; NaN before the first.</param>
/// <param name="ReadDurationMs">How long the last look took.</param>
/// <param name="Sources">What it reports.</param>
/// <param name="Refused">Names that another plugin reports for the same owner, or that stand on the page twice.</param>
/// <param name="LeftOut">What of its page is not recorded, each with the reason: no data source was made of it, or its manifest does not permit it.</param>
/// <param name="Counts">How often each status was found, by <see cref="PageStatus"/>.</param>
public sealed record PluginReport(
    string Uid,
    PluginState State,
    PageStatus Status,
    string Detail,
    int PageVersion,
    double LastSample,
    double ReadDurationMs,
    IReadOnlyList<ReportedSource> Sources,
    IReadOnlyList<string> Refused,
    IReadOnlyList<string> LeftOut,
    IReadOnlyList<long> Counts)
{
    /// <summary>What has changed on the page has to wait for the next tick.</summary>
    public bool IsWaiting { get; init; }

    /// <summary>Owners on the page for whom what has changed has to wait for the next tick.</summary>
    public int WaitingOwners { get; init; }
}
