using System.Text.Json.Serialization;

namespace CollectorAgent.Http;

/// <summary>The answer of <c>/status</c>. See docs/formats/http.md.</summary>
internal sealed record StatusDocument(
    string Version,
    string HostUuid,
    double UptimeSeconds,
    long Ticks,
    long MissedTicks,
    long ClockJumps,
    long RecordedAheadSeconds,
    long LastStep,
    double LastTickMs,
    double NextReadingSeconds,
    StoreStatus Store,
    IReadOnlyList<OwnerStatus> Owners,
    IReadOnlyList<PluginStatus> Plugins);

internal sealed record StoreStatus(double UnsyncedSeconds, int Failed, int InMemory, long BytesOnDisk, double LastRoundSeconds);

internal sealed record OwnerStatus(string Kind, string Uuid, int DataSources, double LastUpdated);

internal sealed record PluginStatus(
    string Uid,
    string State,
    string Status,
    string Detail,
    int PageVersion,
    double? LastSample,
    double ReadMs,
    int DataSources,
    IReadOnlyList<string> Refused,
    IReadOnlyList<string> LeftOut,
    IReadOnlyDictionary<string, long> Counts,
    PeerStatus? Peer);

internal sealed record PeerStatus(int Pid, uint Uid, uint Gid);

/// <summary>One entry of <c>/data_sources</c>.</summary>
internal sealed record DataSourceStatus(
    string Owner, string Uuid, string Name, string Plugin, string Type, string Units, string Description, bool Recorded);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DictionaryKeyPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true)]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(IReadOnlyList<DataSourceStatus>))]
internal sealed partial class StatusJson : JsonSerializerContext;
