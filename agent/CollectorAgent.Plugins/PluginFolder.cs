using CollectorAgent.Native;
using CollectorAgent.Protocol;

namespace CollectorAgent.Plugins;

/// <summary>A plugin as it lies on the disk.</summary>
/// <param name="Path">Its folder.</param>
/// <param name="Manifest">What the folder says of it.</param>
/// <param name="Entry">The file it is started by, without links on the way.</param>
public sealed record PluginFolder(string Path, PluginManifest Manifest, string Entry)
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    // What lies beside the agent's program is trusted as that program is.
    private static readonly string Program = AppContext.BaseDirectory;

    /// <summary>Reads a plugin's folder.</summary>
    /// <exception cref="PluginProtocolException">It cannot be started as it is; the message says where and why.</exception>
    public static PluginFolder Read(string path)
    {
        string manifestPath = System.IO.Path.Combine(path, PluginManifest.FileName);
        try
        {
            var manifest = PluginManifest.Parse(ReadBounded(manifestPath));
            string folder = PosixFile.RealPath(path);
            string entry = FindEntry(folder, manifest);
            if (!folder.StartsWith(Program, StringComparison.Ordinal))
            {
                RequireTrusted(manifestPath);
                for (string part = entry; part.Length >= folder.Length; part = System.IO.Path.GetDirectoryName(part)!)
                {
                    RequireTrusted(part);
                }
            }
            return new PluginFolder(path, manifest, entry);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PluginManifestException)
        {
            throw new PluginProtocolException($"{manifestPath}: {e.Message}", e);
        }
    }

    private static string FindEntry(string folder, PluginManifest manifest)
    {
        string path = System.IO.Path.Combine(folder, manifest.Entry);
        if (!File.Exists(path))
        {
            throw new PluginManifestException($"there is no file {manifest.Entry} in the folder");
        }
        string entry = PosixFile.RealPath(path);
        if (!entry.StartsWith(folder + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new PluginManifestException($"{manifest.Entry} is a link that leads out of the folder, to {entry}");
        }
        if (manifest.Kind != PluginKind.Assembly && (File.GetUnixFileMode(entry) & Executable) == 0)
        {
            throw new PluginManifestException($"{manifest.Entry} is not executable; use chmod +x");
        }
        return entry;
    }

    private static byte[] ReadBounded(string path)
    {
        using var file = PosixFile.OpenForReading(path);
        byte[] buffer = new byte[PluginManifest.MaxBytes + 1];
        int length = 0;
        while (length < buffer.Length && RandomAccess.Read(file, buffer.AsSpan(length), length) is > 0 and var count)
        {
            length += count;
        }
        return buffer[..length];
    }

    /// <summary>Whoever can write what the agent starts has the agent's rights: that may be its own user and root only.</summary>
    private static void RequireTrusted(string path)
    {
        uint owner = PosixFile.Status(path).UserId;
        if (owner != 0 && owner != PosixProcess.UserId)
        {
            throw new PluginManifestException($"{path} belongs to user {owner}, who could run programs as the agent; give it to root");
        }
        // A user's own group is often the user alone.
        var others = Environment.IsPrivilegedProcess ? UnixFileMode.GroupWrite | UnixFileMode.OtherWrite : UnixFileMode.OtherWrite;
        if ((File.GetUnixFileMode(path) & others) != 0)
        {
            throw new PluginManifestException($"{path} can be written by others than its owner, who could run programs as the agent; use chmod go-w");
        }
    }
}
