namespace CollectorAgent.Cli;

/// <summary>What the exit code says. Scripts depend on these numbers: none is ever given another meaning.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>No agent answers where one was looked for, or it may not be asked.</summary>
    public const int Unreachable = 1;

    /// <summary>The command line asks for something that cannot be.</summary>
    public const int Usage = 2;

    /// <summary>The agent has nothing of that name.</summary>
    public const int NotFound = 3;

    /// <summary>The agent refused, or its answer is not what this version understands.</summary>
    public const int BadAnswer = 4;

    /// <summary>The output cannot be written: no space, say.</summary>
    public const int OutputFailed = 5;

    /// <summary>The plugin that was tried is not as it should be.</summary>
    public const int Problems = 6;

    /// <summary>The stats VDI holds no archive: there are no RRDs.</summary>
    public const int NoArchive = 7;

    /// <summary>The stats VDI, or the archive for it, is not what it should be. Nothing was written.</summary>
    public const int WrongContent = 8;

    /// <summary>The stats VDI, or the archive for it, cannot be opened, read or written.</summary>
    public const int DeviceFailed = 9;

    /// <summary>Stopped by a signal before the output was complete; the number is what shells expect.</summary>
    public const int Interrupted = 130;

    /// <summary>For the end of the help.</summary>
    public const string Help = """
        Exit codes:
          0    done
          1    no agent can be reached
          2    wrong usage
          3    the agent has nothing of that name
          4    the agent refused, or its answer cannot be understood
          5    the output cannot be written
          6    the plugin that was tested has problems
          7    the stats VDI holds no archive
          8    the stats VDI, or the archive for it, is not what it should be; nothing was written
          9    the stats VDI, or the archive for it, cannot be opened, read or written
          130  interrupted before the output was complete
        """;
}
