using CollectorAgent.Protocol;

namespace CollectorAgent.Sampling;

/// <summary>Something the sampler is told by another thread, to be done at the start of the next tick.</summary>
/// <param name="Page">Null: it is read no longer.</param>
/// <param name="Permit">What may be on it.</param>
internal readonly record struct SamplerCommand(string Uid, IPageSource? Page, PagePermit Permit);
