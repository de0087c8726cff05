using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Tmds.Linux;

namespace CollectorAgent.Native;

/// <summary>Reads folders as .NET does not: it looks where each link leads, and waits for ever where that is a dead file server.</summary>
public static class PosixFolder
{
    /// <summary>The names in a folder, as the folder itself has them: nothing that they name is looked at.</summary>
    /// <param name="most">Reading ends there.</param>
    /// <exception cref="PosixException">The folder cannot be opened or read.</exception>
    public static IReadOnlyList<string> Names(string path, int most)
    {
        using var folder = new FolderHandle(Syscall.opendir(path));
        if (folder.IsInvalid)
        {
            throw PosixException.Last($"opendir {path}");
        }
        var names = new List<string>();
        while (names.Count < most)
        {
            if (Syscall.readdir(folder.DangerousGetHandle()) is not { } entry)
            {
                int errno = LibC.errno;
                return errno == 0 ? names : throw new PosixException($"readdir {path}", errno);
            }
            if (entry.d_name is not ("." or ".."))
            {
                names.Add(entry.d_name);
            }
        }
        return names;
    }

    private sealed class FolderHandle : SafeHandleZeroOrMinusOneIsInvalid
    {
        public FolderHandle(nint folder)
            : base(ownsHandle: true) => SetHandle(folder);

        protected override bool ReleaseHandle() => Syscall.closedir(handle) == 0;
    }
}
