using CollectorAgent.Native;

namespace CollectorAgent.Cli;

/// <summary>A file that is there whole or not at all.</summary>
internal static class OutputFile
{
    /// <summary>Puts a file of these bytes in the place of what has its name.</summary>
    /// <param name="source">Where the bytes are from, which must stay.</param>
    /// <exception cref="CliException">It cannot be written; what had its name still has it.</exception>
    public static void Replace(string path, string source, ReadOnlySpan<byte> bytes)
    {
        try
        {
            string target = Target(path, source);
            string unfinished = $"{target}.{Path.GetRandomFileName()}";
            using var file = new FileStream(unfinished, FileMode.CreateNew);
            try
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
                File.Move(unfinished, target, overwrite: true);
            }
            catch
            {
                File.Delete(unfinished);
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.OutputFailed, $"{Printable.Of(path)} cannot be written: {Printable.Of(Sentence.Ended(e.Message))}", e);
        }
    }

    /// <summary>The file itself where the path is a link: the link stays.</summary>
    private static string Target(string path, string source)
    {
        if (!Path.Exists(path))
        {
            return path;
        }
        string real = PosixFile.RealPath(path);
        // The name of a device would be gone, and with it the device.
        return PosixFile.Status(real).Kind == FileKind.RegularFile && real != PosixFile.RealPath(source)
            ? real
            : throw new IOException("it is not a file that can be replaced");
    }
}
