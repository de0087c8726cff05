namespace CollectorAgent.PluginHost;

/// <summary>A plugin cannot be loaded as it is; the message tells its author what is wrong.</summary>
internal sealed class PluginLoadException(string message, Exception? inner = null) : Exception(message, inner);
