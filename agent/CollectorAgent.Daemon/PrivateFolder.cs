using Microsoft.Extensions.Logging;

namespace CollectorAgent.Daemon;

/// <summary>Folders that the agent makes.</summary>
public static class PrivateFolder
{
    /// <summary>Its owner's alone.</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>All can read and pass, its owner alone writes.</summary>
    public const UnixFileMode Readable =
        OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>All can pass, its owner alone reads and writes.</summary>
    public const UnixFileMode Passable = OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Makes a folder where it is missing, whatever the umask is, and those above it, which all can read.</summary>
    /// <exception cref="StartException">It cannot be made.</exception>
    public static void Make(string path, UnixFileMode mode, string advice)
    {
        try
        {
            if (!Directory.Exists(path))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path) ?? "/", Readable);
                Directory.CreateDirectory(path, mode);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string reason = NoFolder(path) is { } file ? $"{file} is a file" : Trouble.Of(e);
            throw new StartException($"The folder {path} cannot be made: {reason}. {advice}", e);
        }
    }

    /// <summary>Takes all others the rights that an earlier agent may have left them.</summary>
    public static void Close(string path, ILogger log)
    {
        try
        {
            if (File.GetUnixFileMode(path) != OwnerOnly)
            {
                File.SetUnixFileMode(path, OwnerOnly);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.ModeNotSet(log, path, Trouble.Of(e));
        }
    }

    /// <summary>What is in the way to a folder, or in its place.</summary>
    private static string? NoFolder(string path)
    {
        for (string? part = path; part is not null; part = Path.GetDirectoryName(part))
        {
            if (File.Exists(part))
            {
                return part;
            }
        }
        return null;
    }
}
