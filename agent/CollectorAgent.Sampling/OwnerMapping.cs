using CollectorAgent.Protocol;
using CollectorAgent.Store;

namespace CollectorAgent.Sampling;

/// <summary>Owners on the wire and owners in the store, which change for different reasons.</summary>
public static class OwnerMapping
{
    public static RrdOwner ToRrdOwner(this Owner owner) => new(
        owner.Kind switch
        {
            OwnerKind.Vm => RrdOwnerKind.Vm,
            OwnerKind.Sr => RrdOwnerKind.Sr,
            _ => RrdOwnerKind.Host,
        },
        owner.Uuid);
}
