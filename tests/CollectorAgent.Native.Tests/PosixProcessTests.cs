using System.Diagnostics;

namespace CollectorAgent.Native.Tests;

public sealed class PosixProcessTests
{
    private const int ExitCodeOfSigTerm = 128 + 15;

    [Fact]
    public void Process_is_asked_to_end()
    {
        using var process = Process.Start("sleep", "60");

        Assert.True(PosixProcess.Terminate(process.Id));

        process.WaitForExit();
        Assert.Equal(ExitCodeOfSigTerm, process.ExitCode);
        Assert.False(PosixProcess.Terminate(process.Id));
    }

    /// <summary>The system takes numbers below 1 for whole groups of processes. There is no group of this one.</summary>
    [Fact]
    public void Number_that_is_no_process_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => PosixProcess.Terminate(int.MinValue));
}
