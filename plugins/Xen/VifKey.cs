namespace CollectorAgent.XenPlugin;

/// <summary>An interface of a domain.</summary>
internal readonly record struct VifKey(uint Domain, uint Number);
