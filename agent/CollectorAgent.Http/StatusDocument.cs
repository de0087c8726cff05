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
    double LastTickLateMs,
    double NextReadingSeconds,
    double? TickSince,
    int WaitingPages,
    int WaitingOwners,
    ReadersStatus Readers,
    StoreStatus Store,
    IReadOnlyList<OwnerStatus> Owners,
    IReadOnlyList<PluginStatus> Plugins,
    IReadOnlyList<ProcessStatus> Processes,
    IReadOnlyList<FailedTransferStatus> FailedTransfers,
    IReadOnlyList<TaskStatus> Tasks,
    ConnectionStatus Connections,
    long LostLogLines,
    long? CertificateEnds);

/// <summary>What the agent does beside recording.</summary>
internal sealed record TaskStatus(string Name, string State, long Failures, string Reason, double? Failed);

internal sealed record ConnectionStatus(int Open, int Limit, int TcpLimit, long Refused);

/// <summary>An RRD that did not get to where it was to go, and is still here.</summary>
internal sealed record FailedTransferStatus(string Uuid, string To, string Reason, double At);

/// <summary>Documents under construction and their share of memory; requests that wait for one; those refused and dropped since the start.</summary>
internal sealed record ReadersStatus(int Documents, long Bytes, int Waiting, long Refused, long Dropped);

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

/// <summary>A plugin that the agent runs.</summary>
internal sealed record ProcessStatus(
    string Name,
    string Version,
    string Description,
    string Folder,
    string Kind,
    string State,
    string Reason,
    int? Pid,
    double? Started,
    int Restarts,
    double? CpuSecondsPerTick,
    int Processes,
    long MemoryBytes,
    IReadOnlyList<string> Pages,
    IReadOnlyList<PromisedStatus> Capabilities);

internal sealed record PromisedStatus(string Name, IReadOnlyList<string> SrTypes);

/// <summary>One entry of <c>/capabilities</c>.</summary>
internal sealed record CapabilityStatus(string Name, IReadOnlyList<string> SrTypes, IReadOnlyList<string> Srs);

/// <summary>One entry of <c>/data_sources</c>.</summary>
internal sealed record DataSourceStatus(
    string Owner, string Uuid, string Name, string Plugin, string Type, string Units, string Description, bool Recorded);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DictionaryKeyPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true)]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(IReadOnlyList<DataSourceStatus>))]
[JsonSerializable(typeof(IReadOnlyList<CapabilityStatus>))]
internal sealed partial class StatusJson : JsonSerializerContext;
