using CollectorAgent.Protocol;

namespace CollectorAgent.Sdk;

/// <summary>What an <see cref="IStatsPlugin"/> can ask for in its constructor.</summary>
/// <param name="Name">The plugin's name in its manifest.</param>
/// <param name="Folder">The folder the plugin lies in, where files of its own are; an absolute path.</param>
/// <param name="Arguments">The arguments in its manifest: <see cref="PluginManifest.Arguments"/>.</param>
public sealed record PluginContext(string Name, string Folder, IReadOnlyList<string> Arguments);
