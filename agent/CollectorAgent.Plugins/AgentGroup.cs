using CollectorAgent.Native;

namespace CollectorAgent.Plugins;

/// <summary>The group whose members may write pages and use the socket of an agent that runs as root.</summary>
public static class AgentGroup
{
    /// <summary>As it has always been called on such hosts.</summary>
    public const string Name = "rrdmetrics";

    /// <returns>Its number; null where this host has no such group.</returns>
    public static uint? Find() => PosixUser.FindGroup(Name);

    /// <summary>Gives the group its part in a file, where the agent is root and there is such a group.</summary>
    /// <exception cref="IOException">The file cannot be changed.</exception>
    public static void Share(string path, UnixFileMode mode)
    {
        if (Environment.IsPrivilegedProcess && Find() is { } group)
        {
            PosixFile.ChangeGroup(path, group);
            File.SetUnixFileMode(path, mode);
        }
    }
}
