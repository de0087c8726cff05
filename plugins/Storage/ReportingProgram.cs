using System.Text;
using CollectorAgent.Native;

namespace CollectorAgent.Storage;

/// <summary>Runs a program that prints a report, on the calling thread and one more: nothing of it waits in the thread pool.</summary>
internal static class ReportingProgram
{
    public const int MaxOutputBytes = 16 << 20;

    private const int FirstBufferBytes = 64 << 10;
    private const int MostOfAnError = 200;

    /// <summary>Runs the program to its end, however long it takes.</summary>
    /// <param name="stop">The program is killed then. One that sleeps in the kernel ends when it wakes up.</param>
    /// <exception cref="IOException">It cannot be started, was killed, or printed more than 16 MiB.</exception>
    public static ProgramOutput Run(string path, IEnumerable<string> arguments, CancellationToken stop)
    {
        var environment = ChildEnvironment.OfThisProcess();
        environment["LC_ALL"] = "C";
        // LVM complains of every file that its parent left open to it.
        environment["LVM_SUPPRESS_FD_WARNINGS"] = "1";
        var start = new ChildStart(path, [.. arguments]) { Environment = environment, HasInput = true, HasOutput = true, HasErrors = true };
        using var process = ChildProcess.Start(start);
        process.Input.Dispose();
        string lastError = "";
        using var errorReader = new StreamReader(process.Errors);
        var errors = new Thread(() => lastError = ReadLastLine(errorReader)) { IsBackground = true, Name = "errors of " + path };
        errors.Start();
        byte[] output;
        bool isWhole;
        using (stop.Register(process.Kill))
        {
            (output, isWhole) = ReadAll(process.Output);
            if (!isWhole)
            {
                process.Kill();
            }
            errors.Join();
            process.WaitForEnd();
        }
        string name = Path.GetFileName(path);
        if (!isWhole)
        {
            throw new IOException($"{name} printed more than {MaxOutputBytes >> 20} MiB");
        }
        if (stop.IsCancellationRequested)
        {
            throw new IOException($"{name} took too long and was killed");
        }
        return new ProgramOutput(process.ExitCode, output, lastError);
    }

    private static (byte[] Output, bool IsWhole) ReadAll(Stream output)
    {
        byte[] buffer = new byte[FirstBufferBytes];
        int length = 0;
        int read;
        while ((read = output.Read(buffer, length, buffer.Length - length)) > 0)
        {
            length += read;
            if (length > MaxOutputBytes)
            {
                return ([], false);
            }
            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, 2 * buffer.Length);
            }
        }
        return (buffer[..length], true);
    }

    /// <summary>Reads to the end and keeps the beginning of the last line that says something.</summary>
    private static string ReadLastLine(StreamReader errors)
    {
        char[] buffer = new char[1024];
        var line = new StringBuilder();
        string last = "";
        int read;
        while ((read = errors.Read(buffer)) > 0)
        {
            foreach (char c in buffer.AsSpan(0, read))
            {
                if (c == '\n')
                {
                    last = line.Length > 0 ? line.ToString() : last;
                    line.Clear();
                }
                else if (line.Length < MostOfAnError && (line.Length > 0 || !char.IsWhiteSpace(c)))
                {
                    line.Append(char.IsControl(c) ? '?' : c);
                }
            }
        }
        return line.Length > 0 ? line.ToString() : last;
    }
}
