using System.Text;
using CollectorAgent.Native;

namespace CollectorAgent.Daemon;

/// <summary>The three descriptors that every process counts on, and what is said on the last of them.</summary>
public static class StandardStreams
{
    private const int Error = 2;

    // Whoever does not read this long does not hold up the end of the process.
    private static readonly TimeSpan SayDeadline = TimeSpan.FromSeconds(2);

    private static bool _hasError = true;

    /// <summary>Fills the places of those that were closed when the process was started, so that no file of ours takes one. To be called
    /// first.</summary>
    public static void Adopt()
    {
        _hasError = PosixDescriptor.IsInherited(Error);
        for (int descriptor = 0; descriptor <= Error; descriptor++)
        {
            if (!PosixDescriptor.IsOpen(descriptor))
            {
                // The lowest that is free is this one.
                PosixDescriptor.OpenNull();
            }
        }
    }

    /// <summary>Writes to standard error, and waits for ever where nobody reads.</summary>
    /// <exception cref="IOException">It cannot be written, or there is no standard error.</exception>
    public static void WriteError(ReadOnlySpan<byte> bytes)
    {
        if (!_hasError)
        {
            throw new IOException("standard error is closed");
        }
        PosixDescriptor.Write(Error, bytes);
    }

    /// <summary>Says a sentence on standard error, where somebody reads it in time.</summary>
    public static void Say(string sentence)
    {
        var saying = new Thread(() => SayNow(sentence)) { IsBackground = true, Name = "say" };
        saying.Start();
        saying.Join(SayDeadline);
    }

    /// <summary>Says a sentence on standard error, and waits for ever where nobody reads.</summary>
    public static void SayNow(string sentence)
    {
        try
        {
            WriteError(Encoding.UTF8.GetBytes(sentence + "\n"));
        }
        catch (IOException)
        {
            // There is nobody to be told.
        }
    }
}
