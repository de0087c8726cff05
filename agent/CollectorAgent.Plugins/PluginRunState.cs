namespace CollectorAgent.Plugins;

/// <summary>How the process of a plugin is doing.</summary>
public enum PluginRunState
{
    /// <summary>Its process runs.</summary>
    Running,

    /// <summary>It has ended and is started again in a moment.</summary>
    Waiting,

    /// <summary>It says that what it measures is not there; it is started again later.</summary>
    Unavailable,

    /// <summary>It has ended, as its manifest allows; it is started again when somebody asks or its folder changes.</summary>
    Ended,

    /// <summary>It has failed too often, or cannot be run as it is; it is started again when somebody asks or its folder changes.</summary>
    GivenUp,

    /// <summary>Its folder cannot be used as it is.</summary>
    Wrong,
}
