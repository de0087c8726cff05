namespace CollectorAgent.Protocol;

/// <summary>A plugin's manifest is wrong; the message says where, and what would be right.</summary>
public sealed class PluginManifestException(string message, Exception? inner = null) : Exception(message, inner);
