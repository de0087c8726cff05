using CollectorAgent.Protocol;
using CollectorAgent.Rrd;
using CollectorAgent.Store;

namespace CollectorAgent.Sampling;

/// <summary>What is on the wire and what is in the store, which change for different reasons.</summary>
public static class WireMapping
{
    public static RrdOwner ToRrdOwner(this Owner owner) => new(
        owner.Kind switch
        {
            OwnerKind.Vm => RrdOwnerKind.Vm,
            OwnerKind.Sr => RrdOwnerKind.Sr,
            _ => RrdOwnerKind.Host,
        },
        owner.Uuid);

    /// <summary>What is recorded of a data source that a page reports.</summary>
    public static DataSource ToDataSource(this ReportedSource source) => new(
        source.Name,
        source.Type switch
        {
            ReportedType.Gauge => DataSourceType.Gauge,
            ReportedType.Derive => DataSourceType.Derive,
            ReportedType.Counter => DataSourceType.Counter,
            _ => DataSourceType.Absolute,
        },
        source.Min,
        source.Max)
    {
        Inverse = source.IsInverse,
        IsInteger = source.IsInteger,
    };
}
