using CollectorAgent.Protocol;

namespace CollectorAgent.Plugins;

/// <summary>That a page belongs to a plugin which the agent runs.</summary>
/// <param name="Plugin">Its name.</param>
/// <param name="Permit">What it may have on the page.</param>
/// <param name="UserId">Whose file the page is.</param>
public sealed record PageGrant(string Plugin, PagePermit Permit, uint UserId);
