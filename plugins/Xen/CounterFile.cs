using System.Buffers.Text;

namespace CollectorAgent.XenPlugin;

/// <summary>A file of sysfs that holds one number.</summary>
internal static class CounterFile
{
    private const int MaxBytes = 32;

    /// <returns>False where it is not there, or no number: the device is going.</returns>
    public static bool TryRead(string path, out ulong number)
    {
        number = 0;
        Span<byte> text = stackalloc byte[MaxBytes];
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            int length = RandomAccess.Read(file, text, 0);
            return Utf8Parser.TryParse(text[..length], out number, out int used) && text[used..length].TrimEnd((byte)'\n').IsEmpty;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
