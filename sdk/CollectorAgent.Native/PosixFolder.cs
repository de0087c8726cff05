using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.Native;

/// <summary>Reads folders as .NET does not: it looks where each link leads, and waits for ever where that is a dead file server.</summary>
public static partial class PosixFolder
{
    // The C library's struct dirent on 64-bit systems: inode, offset, length, type, and the name with a zero after it.
    private const int NameStart = 19;

    /// <summary>The names in a folder, as the folder itself has them: nothing that they name is looked at.</summary>
    /// <param name="most">Reading ends there.</param>
    /// <exception cref="PosixException">The folder cannot be opened or read.</exception>
    public static IReadOnlyList<string> Names(string path, int most)
    {
        using var folder = opendir(path);
        if (folder.IsInvalid)
        {
            throw new PosixException($"opendir {path}", Marshal.GetLastPInvokeError());
        }
        var names = new List<string>();
        while (names.Count < most)
        {
            nint entry = readdir(folder);
            if (entry == 0)
            {
                int errno = Marshal.GetLastPInvokeError();
                return errno == 0 ? names : throw new PosixException($"readdir {path}", errno);
            }
            string name = Marshal.PtrToStringUTF8(entry + NameStart)!;
            if (name is not ("." or ".."))
            {
                names.Add(name);
            }
        }
        return names;
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial FolderHandle opendir(string path);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint readdir(FolderHandle folder);

    [LibraryImport("libc")]
    private static partial int closedir(nint folder);

    private sealed class FolderHandle : SafeHandleZeroOrMinusOneIsInvalid
    {
        public FolderHandle()
            : base(ownsHandle: true)
        {
        }

        protected override bool ReleaseHandle() => closedir(handle) == 0;
    }
}
