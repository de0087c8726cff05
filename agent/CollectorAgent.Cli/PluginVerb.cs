using System.CommandLine;

namespace CollectorAgent.Cli;

/// <summary>What can be done with one plugin.</summary>
internal sealed class PluginVerb : Command
{
    public PluginVerb()
        : base("plugin", "Does something with one plugin.")
    {
        Add(new PluginTestVerb());
        Add(new PluginRestartVerb());
    }
}
