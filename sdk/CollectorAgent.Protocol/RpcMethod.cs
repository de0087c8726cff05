namespace CollectorAgent.Protocol;

/// <summary>Names of the methods and of their parameters.</summary>
public static class RpcMethod
{
    /// <summary>The magic of a version 1 page.</summary>
    public const string GetHeader = "Plugin.get_header";

    /// <summary>Where the page of a uid belongs.</summary>
    public const string GetPath = "Plugin.get_path";

    /// <summary>Registers a page; what the older client library calls.</summary>
    public const string Register = "Plugin.register";

    /// <summary>Ends a registration.</summary>
    public const string Deregister = "Plugin.deregister";

    /// <summary>Seconds until the next reading; -1 where the uid is unknown.</summary>
    public const string NextReading = "Plugin.next_reading";

    /// <summary>Registers a page and answers the seconds until the next reading.</summary>
    public const string LocalRegister = "Plugin.Local.register";

    /// <summary>Ends a registration.</summary>
    public const string LocalDeregister = "Plugin.Local.deregister";

    /// <summary>Starts a plugin of the agent anew. An addition of this agent.</summary>
    public const string Restart = "Plugin.restart";

    /// <summary>What can be counted on while the plugins run. An addition of this agent.</summary>
    public const string GetCapabilities = "Plugin.get_capabilities";

    /// <summary>Seconds until the next reading; -1 where the uid is unknown.</summary>
    public const string LocalNextReading = "Plugin.Local.next_reading";

    /// <summary>Parameter: id of the plugin.</summary>
    public const string Uid = "uid";

    /// <summary>Parameter: name of a plugin of the agent.</summary>
    public const string Name = "name";

    /// <summary>Parameter: how often the plugin samples.</summary>
    public const string Info = "info";

    /// <summary>Parameter: version of its page, <c>V1</c> or <c>V2</c>; the page itself decides.</summary>
    public const string Protocol = "protocol";

    /// <summary>Parameter: how often the plugin samples.</summary>
    public const string Frequency = "frequency";

    /// <summary>The one frequency there is.</summary>
    public const string FiveSeconds = "Five_Seconds";

    /// <summary>What <see cref="GetHeader"/> answers: the magic of a version 1 page with its line feed.</summary>
    public const string Header = "DATASOURCES\n";
}
