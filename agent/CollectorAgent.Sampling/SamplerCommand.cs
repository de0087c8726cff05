using CollectorAgent.Protocol;

namespace CollectorAgent.Sampling;

/// <summary>Something the sampler is told by another thread, to be done at the start of the next tick.</summary>
internal readonly record struct SamplerCommand(string Uid, IPageSource? Page);
