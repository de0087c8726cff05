using CollectorAgent.Native;
using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.Daemon;

/// <summary>Held while an agent works with a root, so that a second one does not write the same files. Other users cannot hold it: its file
/// is never one
/// that they could have opened.</summary>
public static class InstanceLock
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private const string ChooseRoot = "choose another root with --root DIR.";

    // Each time it finds something that is not its own lock file, and takes it away.
    private const int MostTries = 5;

    /// <param name="folder">Where it lies.</param>
    /// <param name="isAgentThere">Whether an agent answers that works with this folder: one of an earlier version has a lock that others
    /// could hold.</param>
    /// <returns>To be disposed of when the agent ends.</returns>
    /// <exception cref="StartException">Another agent holds it, or it cannot be made.</exception>
    public static SafeFileHandle Take(string folder, Func<bool> isAgentThere)
    {
        string path = Path.Combine(folder, "lock");
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

    /// <returns>Null where something else lay there, which is gone now.</returns>
    private static SafeFileHandle? TryTake(string path, Func<bool> isAgentThere)
    {
        if (Find(path) is { } found && found.Kind != FileKind.RegularFile)
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
        var file = Find(path) is null ? PosixFile.CreateNew(path) : PosixFile.OpenForUpdate(path);
        var opened = PosixFile.Status(file);
        bool isOursAlone = opened.UserId == PosixProcess.UserId && (opened.Mode & Others) == 0;
        bool isTaken = PosixFile.TryLock(file, isShared: false);
        if (!isTaken && (isOursAlone || isAgentThere()))
        {
            file.Dispose();
            throw new StartException($"Another agent works in {Path.GetDirectoryName(path)} already. Stop it first, or {ChooseRoot}");
        }
        bool isStillThere = Find(path) is { } now && now.Inode == opened.Inode && now.Device == opened.Device;
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

    private static FileStatus? Find(string path)
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
}
