using CollectorAgent.Native;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Store;

/// <summary>The folder in which the files of all owners lie.</summary>
internal sealed class StoreFolder
{
    public const string Suffix = ".rrd";
    public const string FormerSuffix = ".xml.gz";
    public const string UnfinishedSuffix = ".tmp";

    private const string DamagedSuffix = ".damaged";

    private readonly string _path;
    private readonly ILogger _log;
    private int _inMemory;

    // Files were made since the folder was brought to the disk; the process before may have made some.
    private bool _hasNewNames = true;

    /// <param name="path">Made where it is missing.</param>
    /// <param name="boot">See <see cref="BootIdentity"/>.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    public StoreFolder(string path, Guid boot, ILogger log)
    {
        _path = path;
        _log = log;
        Boot = boot;
        Make();
    }

    public Guid Boot { get; }

    /// <summary>Owners whose history does not lie in their file as it should.</summary>
    public int InMemory => Volatile.Read(ref _inMemory);

    public string PathOf(RrdOwner owner) => Path.Combine(_path, owner.FileName + Suffix);

    public IEnumerable<string> Files(string suffix) => Directory.EnumerateFileSystemEntries(_path, "*" + suffix);

    /// <summary>Makes it where it is missing, for its owner alone.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public void Make() => Directory.CreateDirectory(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    /// <summary>Makes the names of all files durable.</summary>
    /// <exception cref="IOException">They may not be.</exception>
    public void SyncNames() => PosixFile.SyncFolder(_path);

    /// <summary>A file was made, whose name is not on disk yet.</summary>
    public void NoteNewName() => Volatile.Write(ref _hasNewNames, true);

    /// <summary>Makes the names of files durable that were made since this was called last.</summary>
    /// <exception cref="IOException">They may not be.</exception>
    public void SyncNewNames()
    {
        if (!Interlocked.Exchange(ref _hasNewNames, false))
        {
            return;
        }
        try
        {
            SyncNames();
        }
        catch (IOException)
        {
            NoteNewName();
            throw;
        }
    }

    /// <summary>Renames what cannot be read, so that it is in nobody's way and nothing of it is lost.</summary>
    /// <returns>Its new path.</returns>
    /// <exception cref="IOException">It cannot be renamed.</exception>
    public static string SetAside(string path)
    {
        string target = path + DamagedSuffix;
        for (int number = 1; Path.Exists(target) || new FileInfo(target).LinkTarget is not null; number++)
        {
            target = $"{path}{DamagedSuffix}-{number}";
        }
        Directory.Move(path, target);
        return target;
    }

    /// <summary>Renames an owner's file so that it counts no longer; the next start deletes it, where nobody did before.</summary>
    /// <returns>Its new path.</returns>
    /// <exception cref="IOException">It cannot be renamed.</exception>
    public string Leave(RrdOwner owner)
    {
        string target = $"{PathOf(owner)}.{Guid.NewGuid():N}{UnfinishedSuffix}";
        File.Move(PathOf(owner), target);
        return target;
    }

    /// <summary>An owner's history goes on in memory. The first one is said in the log.</summary>
    public void NoteInMemory(RrdOwner owner, IOException reason)
    {
        if (Interlocked.Increment(ref _inMemory) == 1)
        {
            Log.InMemory(_log, PathOf(owner), reason.Message, Advice(reason));
        }
    }

    /// <summary>Somebody has removed an owner's file.</summary>
    public void NoteRemoved(RrdOwner owner) => Log.FileRemoved(_log, PathOf(owner));

    /// <summary>An owner's history is in its file again.</summary>
    public void NoteFiled()
    {
        if (Interlocked.Decrement(ref _inMemory) == 0)
        {
            Log.Filed(_log);
        }
    }

    private static string Advice(IOException reason)
    {
        int errno = (reason as PosixException)?.Errno ?? 0;
        return errno == PosixException.NoMemory ? "raise the sysctl vm.max_map_count: each plugin takes a mapping for each owner that it reports for"
            : errno == PosixException.NoSuchFile ? "it was removed; a new one is made within half a minute"
            : errno == PosixException.TooManyOpenFiles ? "raise the limit of open files"
            : errno == PosixException.FileExists ? "a file of that name came after the start; move it away"
            : "see that its file system has room and can be written to";
    }
}
