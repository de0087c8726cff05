using System.Runtime.InteropServices;
using Tmds.Linux;

namespace CollectorAgent.Native;

/// <summary>Starts children by <c>posix_spawn</c>.</summary>
internal static class ChildSpawn
{
    private const string Shell = "/bin/sh";

    // Room for what the C library keeps in them: 336 and 80 bytes on glibc, no more on musl.
    private const int AttributesBytes = 512;
    private const int ActionsBytes = 256;

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
        if (errno == LibC.ENOEXEC)
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
        sigset_t signals;
        using var texts = new NativeTexts();
        byte** argv = texts.List([program, .. arguments]);
        byte** environment = texts.List([.. (start.Environment ?? ChildEnvironment.OfThisProcess()).Select(v => $"{v.Key}={v.Value}")]);
        Require(Bindings.posix_spawnattr_init(attributes));
        Require(Bindings.posix_spawn_file_actions_init(actions));
        try
        {
            // Not by sigfillset, which leaves two out that the C library keeps for itself: it would have the child ignore them.
            new Span<byte>(&signals, sizeof(sigset_t)).Fill(byte.MaxValue);
            Require(Bindings.posix_spawnattr_setsigdefault(attributes, (byte*)&signals));
            Require(LibC.sigemptyset(&signals));
            Require(Bindings.posix_spawnattr_setsigmask(attributes, (byte*)&signals));
            Require(Bindings.posix_spawnattr_setflags(attributes, (short)(
                Bindings.SpawnSetSigDef | Bindings.SpawnSetSigMask | (start.LeadsSession ? Bindings.SpawnSetSid : 0))));
            for (int stream = 0; stream < 3; stream++)
            {
                if (pipes.Theirs(stream) is { } end)
                {
                    Require(Bindings.posix_spawn_file_actions_adddup2(actions, (int)end.DangerousGetHandle(), stream));
                }
            }
            if (folder is not null)
            {
                Require(AddChangeFolder(actions, texts.Text(folder)));
            }
            int child;
            int errno = Bindings.posix_spawnp(&child, argv[0], actions, attributes, argv, environment);
            id = child;
            return errno;
        }
        finally
        {
            _ = Bindings.posix_spawn_file_actions_destroy(actions);
            _ = Bindings.posix_spawnattr_destroy(attributes);
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
        sigaction action;
        if (LibC.sigaction(LibC.SIGCHLD, null, &action) == 0 && action.sa_handler == LibC.SIG_IGN)
        {
            action = default;
            _ = LibC.sigaction(LibC.SIGCHLD, &action, null);
        }
    }

    /// <returns>What went wrong; 0 where nothing did.</returns>
    private static unsafe int EnterOwnFolder(string folder)
    {
        using var text = new NativeText(folder, stackalloc byte[NativeText.Room]);
        return LibC.unshare(LibC.CLONE_FS) == 0 && LibC.chdir(text.Start) == 0 ? 0 : LibC.errno;
    }

    private static unsafe delegate* unmanaged<void*, byte*, int> ChangeFolderCall() =>
        NativeLibrary.TryGetExport(
            NativeLibrary.Load("libc", typeof(ChildSpawn).Assembly, null), "posix_spawn_file_actions_addchdir_np", out nint call)
            ? (delegate* unmanaged<void*, byte*, int>)call
            : null;

    /// <summary>The soft limit of file locks of this process, another one until it is disposed.</summary>
    private readonly unsafe ref struct FileLockLimit
    {
        private readonly Bindings.Rlimit _before;
        private readonly bool _isSet;

        public FileLockLimit(long limit)
        {
            Bindings.Rlimit before;
            if (limit == 0 || Bindings.getrlimit(Bindings.RlimitLocks, &before) != 0)
            {
                return;
            }
            _before = before;
            Bindings.Rlimit of = new() { Soft = (ulong)limit, Hard = before.Hard };
            // Where the hard limit is lower the child goes without: it is found by its environment and session alone.
            _isSet = Bindings.setrlimit(Bindings.RlimitLocks, &of) == 0;
        }

        public void Dispose()
        {
            if (_isSet)
            {
                var before = _before;
                _ = Bindings.setrlimit(Bindings.RlimitLocks, &before);
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
