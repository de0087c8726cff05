using System.Text.Json.Serialization;

namespace CollectorAgent.Cli;

/// <summary>What is read of <c>/status</c>. What an agent of another version leaves out is nothing.</summary>
internal sealed record AgentStatus(
    string? Version,
    string? HostUuid,
    double UptimeSeconds,
    long Ticks,
    long MissedTicks,
    long ClockJumps,
    long RecordedAheadSeconds,
    long LastStep,
    double LastTickMs,
    double? NextReadingSeconds,
    IReadOnlyList<OwnerEntry>? Owners,
    IReadOnlyList<PluginEntry>? Plugins,
    IReadOnlyList<ProcessEntry>? Processes,
    IReadOnlyList<FailedTransferEntry>? FailedTransfers = null,
    double? TickSince = null,
    int WaitingPages = 0,
    int WaitingOwners = 0,
    StoreEntry? Store = null,
    IReadOnlyList<TaskEntry>? Tasks = null,
    long LostLogLines = 0)
{
    public const string Path = "status";

    /// <summary>All lists of it, null where it lacks one.</summary>
    internal IEnumerable<IEnumerable<object?>?> Lists =>
    [
        Owners,
        Plugins,
        Processes,
        FailedTransfers,
        Tasks,
        .. (Plugins ?? []).SelectMany(p => new[] { p?.Refused, p?.LeftOut }),
        .. (Processes ?? []).Select(p => p?.Pages),
    ];
}

internal sealed record FailedTransferEntry(string? Uuid, string? To, string? Reason, double At);

internal sealed record StoreEntry(int Failed, int InMemory);

internal sealed record TaskEntry(string? Name, string? State, string? Reason);

internal sealed record OwnerEntry(string? Kind, string? Uuid, int DataSources, double LastUpdated);

internal sealed record PluginEntry(
    string? Uid,
    string? State,
    string? Status,
    string? Detail,
    int PageVersion,
    double? LastSample,
    double ReadMs,
    int DataSources,
    IReadOnlyList<string>? Refused,
    IReadOnlyList<string>? LeftOut,
    IReadOnlyDictionary<string, long>? Counts);

internal sealed record ProcessEntry(
    string? Name,
    string? Version,
    string? State,
    string? Reason,
    int? Pid,
    double? Started,
    int Restarts,
    double? CpuSecondsPerTick,
    int Processes,
    long MemoryBytes,
    IReadOnlyList<string>? Pages = null);

internal sealed record CapabilityEntry(string? Name, IReadOnlyList<string>? SrTypes, IReadOnlyList<string>? Srs);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AgentStatus))]
[JsonSerializable(typeof(IReadOnlyList<CapabilityEntry>))]
[JsonSerializable(typeof(IReadOnlyList<DataSourceEntry>))]
internal sealed partial class AgentJson : JsonSerializerContext;
