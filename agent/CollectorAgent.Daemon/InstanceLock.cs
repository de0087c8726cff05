using CollectorAgent.Native;
using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.Daemon;

/// <summary>Held while an agent works with a root, so that a second one does not write the same files. Other users cannot hold it: its file
/// is never one that they could have opened. The folder itself is locked as well, so that it holds also where the file is
/// removed.</summary>
public sealed class InstanceLock : IDisposable
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private const string ChooseRoot = "choose another root with --root DIR.";

    // Each time it finds something that is not its own lock file, and takes it away.
    private const int MostTries = 5;

    private readonly string _folder;
    private SafeFileHandle _folderLock;
    private SafeFileHandle _fileLock;

    private InstanceLock(string folder, SafeFileHandle folderLock, SafeFileHandle fileLock)
    {
        _folder = folder;
        _folderLock = folderLock;
        _fileLock = fileLock;
    }

    /// <summary>The lock file.</summary>
    public string Path => PathIn(_folder);

    /// <param name="folder">Where it lies.</param>
    /// <param name="isAgentThere">Whether an agent answers that works with this folder: one of an earlier version has a lock that others
    /// could hold.</param>
    /// <returns>To be disposed of when the agent ends.</returns>
    /// <exception cref="StartException">Another agent holds it, or it cannot be made.</exception>
    public static InstanceLock Take(string folder, Func<bool> isAgentThere)
    {
        var folderLock = LockFolder(folder);
        try
        {
            return new InstanceLock(folder, folderLock, LockFile(folder, isAgentThere));
        }
        catch
        {
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>Takes the lock again if its file or the folder was removed or replaced.</summary>
    /// <returns>Whether it was.</returns>
    /// <exception cref="StartException">Another agent holds it by now, or it cannot be made.</exception>
    public bool RenewIfGone()
    {
        bool isFolderThere = IsAt(_folder, _folderLock);
        if (isFolderThere && IsAt(Path, _fileLock))
        {
            return false;
        }
        if (!isFolderThere)
        {
            PrivateFolder.Make(_folder, PrivateFolder.OwnerOnly, ChooseRoot);
            var folderLock = LockFolder(_folder);
            _folderLock.Dispose();
            _folderLock = folderLock;
        }
        var fileLock = LockFile(_folder, () => false);
        _fileLock.Dispose();
        _fileLock = fileLock;
        return true;
    }

    public void Dispose()
    {
        _fileLock.Dispose();
        _folderLock.Dispose();
    }

    private static string PathIn(string folder) => System.IO.Path.Combine(folder, "lock");

    private static SafeFileHandle LockFolder(string folder)
    {
        try
        {
            var file = PosixFile.OpenForReading(folder);
            if (PosixFile.TryLock(file, isShared: false))
            {
                return file;
            }
            file.Dispose();
        }
        catch (IOException e)
        {
            throw new StartException($"The folder {folder} cannot be locked: {Trouble.Of(e)}; {ChooseRoot}", e);
        }
        throw Taken(folder);
    }

    private static SafeFileHandle LockFile(string folder, Func<bool> isAgentThere)
    {
        string path = PathIn(folder);
        try
        {
            for (int i = 0; i < MostTries; i++)
            {
                if (TryTake(path, isAgentThere) is { } held)
                {
                    return held;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"The lock file {path} cannot be made: {Trouble.Of(e)}. Remove what lies there, or {ChooseRoot}", e);
        }
        throw new StartException($"The lock file {path} is replaced again and again. See who writes to {folder}, or {ChooseRoot}");
    }

    private static InstanceTakenException Taken(string folder) => new($"Another agent works in {folder} already. Stop it first, or {ChooseRoot}");

    /// <returns>Null where something else lay there, which is gone now.</returns>
    private static SafeFileHandle? TryTake(string path, Func<bool> isAgentThere)
    {
        if (PosixFile.FindStatus(path) is { } found && found.Kind != FileKind.RegularFile)
        {
            // Files are deleted, a folder only where it is empty.
            if (found.Kind == FileKind.Folder)
            {
                Directory.Delete(path);
            }
            else
            {
                File.Delete(path);
            }
        }
        var file = PosixFile.FindStatus(path) is null ? PosixFile.CreateNew(path) : PosixFile.OpenForUpdate(path);
        var opened = PosixFile.Status(file);
        bool isOursAlone = opened.UserId == PosixProcess.UserId && (opened.Mode & Others) == 0;
        bool isTaken = PosixFile.TryLock(file, isShared: false);
        if (!isTaken && (isOursAlone || isAgentThere()))
        {
            file.Dispose();
            throw Taken(System.IO.Path.GetDirectoryName(path)!);
        }
        bool isStillThere = IsAt(path, file);
        if (isTaken && isOursAlone && isStillThere)
        {
            return file;
        }
        if (isStillThere)
        {
            // Whoever has opened it could hold it at the next start.
            File.Delete(path);
        }
        file.Dispose();
        return null;
    }

    /// <summary>Whether a path leads to a file that is open.</summary>
    private static bool IsAt(string path, SafeFileHandle file)
    {
        var opened = PosixFile.Status(file);
        return PosixFile.FindStatus(path) is { } now && now.Inode == opened.Inode && now.Device == opened.Device;
    }
}
