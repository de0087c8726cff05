using CollectorAgent.Rrd;
using CollectorAgent.Store;

namespace CollectorAgent.Http;

/// <summary>What of an RRD says how large a document of it will be.</summary>
/// <param name="LastUpdate">Unix seconds.</param>
/// <param name="Columns">Data sources.</param>
internal sealed record RrdSize(OwnedRrd Owned, ArchiveLayout Layout, long LastUpdate, int Columns);
