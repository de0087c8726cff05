namespace CollectorAgent.Plugins;

/// <summary>A plugin broke its contract; the message says how, and what would be right.</summary>
public sealed class PluginProtocolException(string message, Exception? inner = null) : Exception(message, inner);
