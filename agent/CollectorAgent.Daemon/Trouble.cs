using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace CollectorAgent.Daemon;

/// <summary>What is wrong, in the words of the system rather than those of the runtime.</summary>
public static class Trouble
{
    // Linux has no number of an error beyond.
    private const int MaxErrno = 4095;

    /// <summary>Such as <c>permission denied</c>; without a full stop.</summary>
    public static string Of(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException socket && Errno(socket.NativeErrorCode) is { } ofSocket)
            {
                return ofSocket;
            }
            if (cause is IOException && Errno(cause.HResult) is { } ofFile)
            {
                return ofFile;
            }
        }
        return failure is UnauthorizedAccessException ? "permission denied"
            : failure is FileNotFoundException or DirectoryNotFoundException ? "no such file or folder"
            : failure.Message.TrimEnd('.', ' ').ReplaceLineEndings(" ");
    }

    /// <summary>The same as a sentence, with the path or call that the failure names.</summary>
    public static string Sentence(Exception failure) => Ended(failure.Message.ReplaceLineEndings(" ").TrimEnd('.', ' '));

    private static string Ended(string text) => text.EndsWith('?') ? text : text + ".";

    private static string? Errno(int number)
    {
        if (number is <= 0 or > MaxErrno)
        {
            return null;
        }
        string text = Marshal.GetPInvokeErrorMessage(number);
        return char.ToLowerInvariant(text[0]) + text[1..];
    }
}
