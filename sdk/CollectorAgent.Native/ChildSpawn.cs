using System.Runtime.InteropServices;

namespace CollectorAgent.Native;

/// <summary>Starts children by <c>posix_spawn</c>.</summary>
internal static partial class ChildSpawn
{
    private const short DefaultSignals = 4;
    private const short SignalMask = 8;
    private const short OwnSession = 0x80;

    private const int NotExecutable = 8;
    private const string Shell = "/bin/sh";

    private const int FileLocks = 10;
    private const int ChildSignal = 17;
    private const nint Ignored = 1;
    private const int OwnFolder = 0x200;

    // Room for what the C library keeps in them: 336, 80, 128 and 152 bytes on glibc, no more on musl.
    private const int AttributesBytes = 512;
    private const int ActionsBytes = 256;
    private const int SignalSetBytes = 256;
    private const int SignalActionBytes = 256;

    private static readonly Lock Gate = new();

    // Since glibc 2.29.
    private static readonly unsafe delegate* unmanaged<void*, byte*, int> AddChangeFolder = ChangeFolderCall();

    /// <summary>For tests: start children as on hosts whose C library cannot change the folder itself.</summary>
    internal static bool ChangesFolderByThread { get; set; } = !CanChangeFolder;

    private static unsafe bool CanChangeFolder => AddChangeFolder is not null;

    /// <returns>The id of the child.</returns>
    /// <exception cref="PosixException">It cannot be started.</exception>
    public static int Start(ChildStart start, ChildPipes pipes)
    {
        int errno = Spawn(start, start.Program, start.Arguments, pipes, out int id);
        if (errno == NotExecutable)
        {
            errno = Spawn(start, Shell, [start.Program, .. start.Arguments], pipes, out id);
        }
        return errno == 0 ? id : throw new PosixException(start.Program, errno);
    }

    private static int Spawn(ChildStart start, string program, IReadOnlyList<string> arguments, ChildPipes pipes, out int id)
    {
        int child = 0;
        int errno = 0;
        // One at a time: the limit is this process's own for a moment.
        lock (Gate)
        {
            HearOfChildren();
            using var limit = new FileLockLimit(start.FileLockLimit);
            if (start.Folder is null || !ChangesFolderByThread)
            {
                errno = Spawn(start, program, arguments, pipes, start.Folder, out child);
            }
            else
            {
                // A thread can have a folder of its own, which its children begin with.
                var thread = new Thread(() => errno = EnterOwnFolder(start.Folder) is > 0 and var failure
                    ? failure
                    : Spawn(start, program, arguments, pipes, null, out child));
                thread.Start();
                thread.Join();
            }
        }
        id = child;
        return errno;
    }

    private static unsafe int Spawn(
        ChildStart start, string program, IReadOnlyList<string> arguments, ChildPipes pipes, string? folder, out int id)
    {
        byte* attributes = stackalloc byte[AttributesBytes];
        byte* actions = stackalloc byte[ActionsBytes];
        byte* signals = stackalloc byte[SignalSetBytes];
        using var texts = new NativeTexts();
        byte** argv = texts.List([program, .. arguments]);
        byte** environment = texts.List([.. (start.Environment ?? ChildEnvironment.OfThisProcess()).Select(v => $"{v.Key}={v.Value}")]);
        Require(posix_spawnattr_init(attributes));
        Require(posix_spawn_file_actions_init(actions));
        try
        {
            // Not by sigfillset, which leaves two out that the C library keeps for itself: it would have the child ignore them.
            new Span<byte>(signals, SignalSetBytes).Fill(byte.MaxValue);
            Require(posix_spawnattr_setsigdefault(attributes, signals));
            Require(sigemptyset(signals));
            Require(posix_spawnattr_setsigmask(attributes, signals));
            Require(posix_spawnattr_setflags(attributes, (short)(DefaultSignals | SignalMask | (start.LeadsSession ? OwnSession : 0))));
            for (int stream = 0; stream < 3; stream++)
            {
                if (pipes.Theirs(stream) is { } end)
                {
                    Require(posix_spawn_file_actions_adddup2(actions, (int)end.DangerousGetHandle(), stream));
                }
            }
            if (folder is not null)
            {
                Require(AddChangeFolder(actions, texts.Text(folder)));
            }
            int child;
            int errno = posix_spawnp(&child, argv[0], actions, attributes, argv, environment);
            id = child;
            return errno;
        }
        finally
        {
            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
        }
    }

    private static void Require(int returned)
    {
        if (returned != 0)
        {
            throw new PosixException("posix_spawn", returned);
        }
    }

    /// <summary>Where this process was started with the end of children ignored, the kernel would keep no exit code for anybody.</summary>
    private static unsafe void HearOfChildren()
    {
        byte* action = stackalloc byte[SignalActionBytes];
        if (sigaction(ChildSignal, null, action) == 0 && *(nint*)action == Ignored)
        {
            new Span<byte>(action, SignalActionBytes).Clear();
            _ = sigaction(ChildSignal, action, null);
        }
    }

    /// <returns>What went wrong; 0 where nothing did.</returns>
    private static int EnterOwnFolder(string folder) =>
        unshare(OwnFolder) == 0 && chdir(folder) == 0 ? 0 : Marshal.GetLastPInvokeError();

    private static unsafe delegate* unmanaged<void*, byte*, int> ChangeFolderCall() =>
        NativeLibrary.TryGetExport(
            NativeLibrary.Load("libc", typeof(ChildSpawn).Assembly, null), "posix_spawn_file_actions_addchdir_np", out nint call)
            ? (delegate* unmanaged<void*, byte*, int>)call
            : null;

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawn_file_actions_adddup2(byte* actions, int file, int newFile);

    [LibraryImport("libc")]
    private static unsafe partial int posix_spawnp(
        int* id, byte* program, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc")]
    private static unsafe partial int sigemptyset(byte* signals);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int sigaction(int signal, byte* action, byte* old);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unshare(int what);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chdir(string path);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int getrlimit(int resource, ulong* limits);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int setrlimit(int resource, ulong* limits);

    /// <summary>The soft limit of file locks of this process, another one until it is disposed.</summary>
    private readonly unsafe ref struct FileLockLimit
    {
        private readonly ulong _soft;
        private readonly ulong _hard;
        private readonly bool _isSet;

        public FileLockLimit(long limit)
        {
            ulong* limits = stackalloc ulong[2];
            if (limit == 0 || getrlimit(FileLocks, limits) != 0)
            {
                return;
            }
            (_soft, _hard) = (limits[0], limits[1]);
            limits[0] = (ulong)limit;
            // Where the hard limit is lower the child goes without: it is found by its environment and session alone.
            _isSet = setrlimit(FileLocks, limits) == 0;
        }

        public void Dispose()
        {
            if (_isSet)
            {
                ulong* limits = stackalloc ulong[] { _soft, _hard };
                _ = setrlimit(FileLocks, limits);
            }
        }
    }

    /// <summary>Texts as C programs take them.</summary>
    private sealed unsafe class NativeTexts : IDisposable
    {
        private readonly List<nint> _blocks = [];

        /// <summary>A list that ends with null.</summary>
        public byte** List(List<string> texts)
        {
            byte** list = (byte**)Keep((nint)NativeMemory.Alloc((nuint)texts.Count + 1, (nuint)sizeof(byte*)));
            for (int i = 0; i < texts.Count; i++)
            {
                list[i] = Text(texts[i]);
            }
            list[texts.Count] = null;
            return list;
        }

        public byte* Text(string text) => (byte*)Keep(Marshal.StringToCoTaskMemUTF8(text));

        public void Dispose()
        {
            foreach (nint block in _blocks)
            {
                NativeMemory.Free((void*)block);
            }
        }

        private nint Keep(nint block)
        {
            _blocks.Add(block);
            return block;
        }
    }
}
