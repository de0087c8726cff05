using System.Diagnostics;

namespace CollectorAgent.Native.Tests;

public sealed class PosixProcessTests
{
    private const int ExitCodeOfSigKill = 128 + 9;
    private const int ExitCodeOfSigTerm = 128 + 15;

    [Fact]
    public void Process_is_ended()
    {
        using var process = Process.Start("sleep", "60");

        Assert.True(PosixProcess.Kill(process.Id));

        process.WaitForExit();
        Assert.Equal(ExitCodeOfSigKill, process.ExitCode);
        Assert.False(PosixProcess.Kill(process.Id));
    }

    [Theory]
    [InlineData(false, ExitCodeOfSigTerm)]
    [InlineData(true, ExitCodeOfSigKill)]
    public void Group_is_ended_with_all_its_processes(bool atOnce, int exitCode)
    {
        using var process = Process.Start(
            new ProcessStartInfo("setsid", ["sh", "-c", "sleep 60 & echo $!; wait"]) { RedirectStandardOutput = true })!;
        int child = int.Parse(process.StandardOutput.ReadLine()!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal((process.Id, process.Id), (PosixProcess.SessionOf(process.Id), PosixProcess.SessionOf(child)));

        Assert.True(atOnce ? PosixProcess.KillGroup(process.Id) : PosixProcess.TerminateGroup(process.Id));

        process.WaitForExit();
        Assert.Equal(exitCode, process.ExitCode);
        // The pipe is closed when the last process that holds it has ended.
        Assert.Null(process.StandardOutput.ReadLine());
        Assert.Equal(0, PosixProcess.SessionOf(process.Id));
    }

    /// <summary>The system takes numbers below 1 for whole groups of processes. There is no group of this one.</summary>
    [Fact]
    public void Number_that_is_no_process_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => PosixProcess.Kill(int.MinValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => PosixProcess.TerminateGroup(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => PosixProcess.KillGroup(1));
    }

    [Fact]
    public void Users_and_groups_have_the_numbers_that_the_system_says()
    {
        var nobody = PosixUser.Find("nobody")!.Value;
        Assert.Equal((Ask("-u"), Ask("-g"), "nobody"), (nobody.UserId, nobody.GroupId, nobody.Name));
        string[] entry = File.ReadAllLines("/etc/passwd").Single(l => l.StartsWith("nobody:", StringComparison.Ordinal)).Split(':');
        Assert.Equal((entry[5], entry[6]), (nobody.Home, nobody.Shell));
        Assert.Equal((0u, 0u, "root"), (PosixUser.Find(0)!.Value.UserId, PosixUser.Find(0)!.Value.GroupId, PosixUser.Find("root")!.Value.Name));
        Assert.Null(PosixUser.Find(4_000_000_000));
        Assert.Equal(0u, PosixUser.FindGroup("root"));
        Assert.Null(PosixUser.Find("no such user"));
        Assert.Null(PosixUser.FindGroup("no such group"));

        static uint Ask(string what)
        {
            using var id = Process.Start(new ProcessStartInfo("id", [what, "nobody"]) { RedirectStandardOutput = true })!;
            return uint.Parse(id.StandardOutput.ReadLine()!, System.Globalization.CultureInfo.InvariantCulture);
        }
    }
}
