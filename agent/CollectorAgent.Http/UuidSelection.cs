using Microsoft.Extensions.Primitives;

namespace CollectorAgent.Http;

/// <summary>The uuids that a repeatable parameter names.</summary>
/// <param name="All">Every one.</param>
/// <param name="Uuids">These.</param>
internal sealed record UuidSelection(bool All, IReadOnlySet<string> Uuids)
{
    /// <param name="values">The parameter: <c>all</c>, uuids, or anything else, which selects nothing.</param>
    /// <param name="allIfAbsent">What it means not to give it.</param>
    public static UuidSelection Parse(StringValues values, bool allIfAbsent) =>
        values.Count == 0
            ? new(allIfAbsent, new HashSet<string>())
            : new(values.Contains("all"), values.Select(v => v?.ToLowerInvariant() ?? "").ToHashSet());

    public bool Selects(string uuid) => All || Uuids.Contains(uuid);
}
