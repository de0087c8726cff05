using System.CommandLine;
using CollectorAgent.Protocol;
using CollectorAgent.Sdk;

namespace CollectorAgent.Cli;

/// <summary>What the verbs of stats VDIs have in common.</summary>
internal static class StatsVdiAccess
{
    public static Argument<string> Device() => new("DEVICE") { Description = "The block device or file of the stats VDI, of 4 MiB or more." };

    /// <exception cref="CliException">It cannot be read.</exception>
    public static StatsVdiContent Read(ParseResult arguments, string device)
    {
        ConnectionOptions.MustBeAbsent(arguments, "A stats VDI is no agent's");
        return Try(device, () => StatsVdiFile.Read(device));
    }

    /// <exception cref="CliException">It cannot be written.</exception>
    public static void Write(ParseResult arguments, string device, ReadOnlyMemory<byte> archive, bool inPlace, bool force)
    {
        ConnectionOptions.MustBeAbsent(arguments, "A stats VDI is no agent's");
        Try(device, () =>
        {
            StatsVdiFile.Write(device, archive, inPlace, force);
            return true;
        });
    }

    /// <exception cref="CliException">There is no archive.</exception>
    public static void RequireArchive(string device, StatsVdiContent content)
    {
        if (!content.HasArchive)
        {
            throw new CliException(
                content.State == StatsVdiState.Empty ? ExitCode.NoArchive : ExitCode.WrongContent, $"{Printable.Of(device)}: {content.Detail}.");
        }
    }

    /// <summary>A device or file could not be opened, read or written.</summary>
    public static CliException Failed(string path, Exception e)
    {
        string message = e.Message.TrimEnd('.');
        // Whoever opened it names it already.
        return new CliException(
            ExitCode.DeviceFailed, Printable.Of(message.Contains(path, StringComparison.Ordinal) ? $"{message}." : $"{path}: {message}."), e);
    }

    private static T Try<T>(string device, Func<T> access)
    {
        try
        {
            return access();
        }
        catch (StatsVdiException e)
        {
            string way = e.Refusal switch
            {
                StatsVdiRefusal.NoRoom => " --in-place writes it without one: a crash may then lose both.",
                StatsVdiRefusal.Foreign => " --force does so all the same.",
                _ => "",
            };
            throw new CliException(ExitCode.WrongContent, $"{Printable.Of(device)}: {Printable.Of(e.Message)}.{way}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(device, e);
        }
    }
}
