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

    /// <summary>Reads a plugin's folder.</summary>
    /// <exception cref="PluginProtocolException">It cannot be started as it is; the message says where and why.</exception>
    public static PluginFolder Read(string path)
    {
        string manifestPath = System.IO.Path.Combine(path, PluginManifest.FileName);
        try
        {
            string folder = PosixFile.RealPath(path);
            // Before anything is read.
            PluginTrust.RequireFolder(path, folder);
            var manifest = PluginManifest.Parse(SmallFile.Read(manifestPath, PluginManifest.MaxBytes + 1));
            string entry = FindEntry(folder, manifest);
            PluginTrust.RequireContent(folder, manifest, PluginLauncher.UserOf(manifest));
            if (manifest.Kind != PluginKind.Assembly && Interpreter.Trouble(entry, PluginUserEnvironment.SearchPath) is { } trouble)
            {
                throw new PluginManifestException($"{manifest.Entry} {trouble}");
            }
            return new PluginFolder(path, manifest, entry);
        }
        catch (PosixException e) when (e.Message.Contains(manifestPath, StringComparison.Ordinal))
        {
            throw new PluginProtocolException($"{manifestPath} cannot be read: {e.Reason}", e);
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
        if (PosixFile.Status(entry).Kind != FileKind.RegularFile)
        {
            throw new PluginManifestException($"{manifest.Entry} is a FIFO, a socket or a device; put a program there");
        }
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
}
