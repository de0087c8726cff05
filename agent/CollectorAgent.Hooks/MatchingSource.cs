using CollectorAgent.Store;

namespace CollectorAgent.Hooks;

/// <summary>A recorded data source that fits what was asked for.</summary>
/// <param name="Owner">Whose it is.</param>
/// <param name="Name">Its name.</param>
/// <param name="IsReported">Whether a plugin reports it now.</param>
public sealed record MatchingSource(RrdOwner Owner, string Name, bool IsReported);
