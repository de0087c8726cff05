using CollectorAgent.Store;

namespace CollectorAgent.Http;

/// <summary>Which owners a request for updates selects.</summary>
/// <param name="Host">Only where <c>host</c> is exactly <c>true</c>.</param>
/// <param name="Vms">All where nothing is said of them.</param>
/// <param name="Srs">None where nothing is said of them.</param>
internal sealed record OwnerSelection(bool Host, UuidSelection Vms, UuidSelection Srs)
{
    public bool Selects(RrdOwner owner) => owner.Kind switch
    {
        RrdOwnerKind.Vm => Vms.Selects(owner.Uuid),
        RrdOwnerKind.Sr => Srs.Selects(owner.Uuid),
        _ => Host,
    };
}
