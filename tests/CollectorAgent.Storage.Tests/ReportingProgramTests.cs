using System.Text;
using CollectorAgent.TestKit;

namespace CollectorAgent.Storage.Tests;

/// <summary>Runs real programs: scripts in place of vgs.</summary>
public sealed class ReportingProgramTests : IDisposable
{
    private readonly FakeLvm _lvm = new();

    public void Dispose() => _lvm.Dispose();

    [Fact]
    public void What_it_prints_and_its_exit_code_are_told()
    {
        _lvm.Does("vgs", "echo first >&2; printf '  \\tsecond\\001\\n\\n' >&2; printf '%s' \"$LC_ALL $*\"; exit 5");

        var output = Run("a b", "c");

        Assert.Equal(5, output.ExitCode);
        Assert.Equal("C a b c", Encoding.UTF8.GetString(output.Output.Span));
        Assert.Equal("second?", output.LastError);
    }

    [Fact]
    public void It_may_print_much_on_both_sides()
    {
        _lvm.Does("vgs", "head -c 1000000 /dev/zero >&2; head -c 16777216 /dev/zero; printf '\\nend' >&2");

        var output = Run();

        Assert.Equal(ReportingProgram.MaxOutputBytes, output.Output.Length);
        Assert.Equal("end", output.LastError);
    }

    [Fact]
    public void One_that_prints_more_than_16_MiB_is_ended()
    {
        _lvm.Does("vgs", "exec cat /dev/zero");

        Assert.Equal("vgs printed more than 16 MiB", Assert.Throws<IOException>(() => Run()).Message);
    }

    [Fact]
    public void It_is_killed_when_it_takes_too_long()
    {
        _lvm.Does("vgs", "trap '' TERM; exec sleep 60");
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200), TimeProvider.System);

        long start = TimeProvider.System.GetTimestamp();

        Assert.Throws<IOException>(() => ReportingProgram.Run(_lvm.PathOf("vgs"), [], stop.Token));

        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0, 30);
    }

    private ProgramOutput Run(params string[] arguments) => ReportingProgram.Run(_lvm.PathOf("vgs"), arguments, CancellationToken.None);
}
