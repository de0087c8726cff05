namespace CollectorAgent.XenPlugin.Native;

/// <summary>The hypervisor cannot be spoken to from here; the message says what is missing.</summary>
public sealed class XenUnavailableException(string message) : Exception(message);
