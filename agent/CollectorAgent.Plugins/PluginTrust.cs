using CollectorAgent.Native;
using CollectorAgent.Protocol;

namespace CollectorAgent.Plugins;

/// <summary>Whoever can write what the agent starts has the agent's rights: that may be its own user and root only.</summary>
internal static class PluginTrust
{
    /// <summary>More files and folders than this are not looked through: such a plugin is not started.</summary>
    public const int MostFiles = 100_000;

    private const string LibraryEnd = ".dll";
    private const string Elsewhere = ", or move the plugin below folders of root's";

    // What lies beside the agent's program is trusted as that program is.
    private static readonly string Program = AppContext.BaseDirectory;

    /// <summary>Requires that nobody else can put another folder in the place of a plugin's, or another manifest into it.</summary>
    /// <param name="path">The folder as it is called, which may be a link.</param>
    /// <param name="folder">The same without links on the way.</param>
    /// <exception cref="PluginManifestException">Somebody can.</exception>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public static void RequireFolder(string path, string folder)
    {
        if (IsOfProduct(folder))
        {
            return;
        }
        RequireWay(folder);
        RequireWay(Path.Combine(PosixFile.RealPath(Path.GetDirectoryName(path)!), Path.GetFileName(path)));
        Require(folder, PosixFile.Status(folder), null);
        string manifest = Path.Combine(folder, PluginManifest.FileName);
        Require(manifest, PosixFile.Status(manifest), null);
    }

    /// <summary>Requires the same of everything in a folder: a program loads what lies beside it.</summary>
    /// <param name="user">Whom the plugin runs as; its files may be that user's, too.</param>
    /// <inheritdoc cref="RequireFolder"/>
    public static void RequireContent(string folder, PluginManifest manifest, uint user)
    {
        if (IsOfProduct(folder))
        {
            return;
        }
        int count = 0;
        bool isAssembly = manifest.Kind == PluginKind.Assembly;
        var folders = new Stack<string>([folder]);
        while (folders.TryPop(out string? current))
        {
            foreach (string name in PosixFolder.Names(current, MostFiles))
            {
                if (++count > MostFiles)
                {
                    throw new PluginManifestException($"the folder has more than {MostFiles} files; keep data elsewhere");
                }
                string path = Path.Combine(current, name);
                if (StatusOf(path) is not { } status)
                {
                    continue;
                }
                bool isStarted = path == Path.Combine(folder, manifest.Entry);
                if (status.Kind is FileKind.RegularFile or FileKind.Folder)
                {
                    Require(path, status, isStarted ? null : user);
                }
                else if (status.Kind == FileKind.SymbolicLink && isAssembly && name.EndsWith(LibraryEnd, StringComparison.OrdinalIgnoreCase))
                {
                    RequireTarget(path);
                }
                if (status.Kind == FileKind.Folder)
                {
                    folders.Push(path);
                }
            }
        }
    }

    /// <summary>Null where the file has gone meanwhile: what is no longer there is not loaded.</summary>
    private static FileStatus? StatusOf(string path)
    {
        try
        {
            return PosixFile.Status(path);
        }
        catch (PosixException e) when (e.Errno == PosixException.NoSuchFile)
        {
            return null;
        }
    }

    private static bool IsOfProduct(string folder) => folder.StartsWith(Program, StringComparison.Ordinal);

    private static void RequireTarget(string link)
    {
        if (Path.Exists(link))
        {
            string target = PosixFile.RealPath(link);
            RequireWay(target);
            Require(target, PosixFile.Status(target), null);
        }
    }

    /// <summary>Requires it of the folders above, of an agent that runs as root: another one has nobody's rights to lose but its user's.</summary>
    private static void RequireWay(string path)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return;
        }
        for (string? part = Path.GetDirectoryName(path); part is not null; part = Path.GetDirectoryName(part))
        {
            var status = PosixFile.Status(part);
            // In such a folder everybody can make files, but not rename those of others.
            Require(part, status with { Mode = status.Mode.HasFlag(UnixFileMode.StickyBit) ? 0 : status.Mode }, null, Elsewhere);
        }
    }

    private static void Require(string path, FileStatus status, uint? user, string elsewhere = "")
    {
        if (status.UserId != 0 && status.UserId != PosixProcess.UserId && status.UserId != user)
        {
            throw new PluginManifestException(
                $"{path} belongs to user {status.UserId}, who could run programs as the agent; give it to root{elsewhere}");
        }
        // A user's own group is often the user alone.
        var others = Environment.IsPrivilegedProcess ? UnixFileMode.GroupWrite | UnixFileMode.OtherWrite : UnixFileMode.OtherWrite;
        if (status.Kind != FileKind.SymbolicLink && (status.Mode & others) != 0)
        {
            throw new PluginManifestException(
                $"{path} can be written by others than its owner, who could run programs as the agent; use chmod go-w{elsewhere}");
        }
    }
}
