namespace CollectorAgent.XenPlugin;

/// <summary>Which domain: numbers are used again, and a toolstack can give one another uuid.</summary>
internal readonly record struct DomainKey(uint Id, Guid Handle);
