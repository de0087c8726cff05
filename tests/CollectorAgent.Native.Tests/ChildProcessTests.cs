using System.Globalization;

namespace CollectorAgent.Native.Tests;

public sealed class ChildProcessTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-child-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Child_starts_with_default_signals_and_none_blocked()
    {
        // .NET itself has this process ignore SIGPIPE.
        string ignored = (await File.ReadAllLinesAsync("/proc/self/status")).Single(l => l.StartsWith("SigIgn:", StringComparison.Ordinal))[^16..];
        Assert.NotEqual(0, long.Parse(ignored, NumberStyles.HexNumber, CultureInfo.InvariantCulture) & (1 << 12));

        string[] lines = await LinesAsync("grep -E '^Sig(Blk|Ign)' /proc/self/status");

        Assert.Equal(["SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000"], lines);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Child_works_in_its_folder_whatever_the_c_library_can_do(bool byThread)
    {
        bool usual = ChildSpawn.ChangesFolderByThread;
        string before = Environment.CurrentDirectory;
        try
        {
            ChildSpawn.ChangesFolderByThread = byThread;

            Assert.Equal([_folder.FullName], await LinesAsync("pwd -P", s => s with { Folder = _folder.FullName }));
            var failure = Assert.Throws<PosixException>(() => ChildProcess.Start(new ChildStart("true", []) { Folder = "/no/such/folder" }));
            Assert.Equal(PosixException.NoSuchFile, failure.Errno);
            Assert.Equal(before, Environment.CurrentDirectory);
        }
        finally
        {
            ChildSpawn.ChangesFolderByThread = usual;
        }
    }

    [Fact]
    public async Task Child_has_the_environment_that_is_named_and_no_other()
    {
        string[] lines = await LinesAsync("exec env", s => s with { Environment = new Dictionary<string, string> { ["ONE"] = "1 ä", ["PATH"] = "/usr/bin:/bin" } });

        Assert.Equal(["ONE=1 ä", "PATH=/usr/bin:/bin"], lines.Where(l => !l.StartsWith("PWD=", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Contains($"HOME={Environment.GetEnvironmentVariable("HOME")}", await LinesAsync("exec env"));
    }

    [Fact]
    public async Task Streams_of_a_child_are_pipes_and_its_exit_code_is_known()
    {
        using var child = ChildProcess.Start(Sh("read line; echo got $line; echo wrong >&2; exit 7") with { HasInput = true, HasErrors = true });

        await child.Input.WriteAsync("hello\n"u8.ToArray());
        using var output = new StreamReader(child.Output);
        using var errors = new StreamReader(child.Errors);

        Assert.Equal(("got hello\n", "wrong\n"), (await output.ReadToEndAsync().WaitAsync(Deadline), await errors.ReadToEndAsync().WaitAsync(Deadline)));
        await child.WaitForEndAsync(CancellationToken.None).WaitAsync(Deadline);
        Assert.Equal((true, 7), (child.HasEnded, child.ExitCode));
    }

    [Fact]
    public async Task Child_that_is_killed_has_the_exit_code_that_shells_give_it_and_keeps_its_id_until_it_is_disposed()
    {
        using var child = ChildProcess.Start(new ChildStart("sleep", ["60"]));
        Assert.Throws<InvalidOperationException>(() => child.ExitCode);

        child.Kill();
        await child.WaitForEndAsync(CancellationToken.None).WaitAsync(Deadline);

        Assert.Equal(137, child.ExitCode);
        Assert.True(Directory.Exists($"/proc/{child.Id}"));
        child.Kill();
        child.Dispose();
        Assert.False(Directory.Exists($"/proc/{child.Id}"));
        child.Kill();
    }

    [Fact]
    public async Task Child_that_is_forgotten_goes_on_and_leaves_no_zombie()
    {
        var child = ChildProcess.Start(new ChildStart("sleep", ["60"]));
        child.Dispose();
        Assert.Contains("sleep", await File.ReadAllTextAsync($"/proc/{child.Id}/cmdline"), StringComparison.Ordinal);

        PosixProcess.Kill(child.Id);

        using var deadline = new CancellationTokenSource(Deadline);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (Directory.Exists($"/proc/{child.Id}"))
        {
            await timer.WaitForNextTickAsync(deadline.Token);
        }
    }

    [Fact]
    public void Child_leads_a_session_where_that_is_asked_for()
    {
        using var leader = ChildProcess.Start(new ChildStart("sleep", ["60"]) { LeadsSession = true });
        using var other = ChildProcess.Start(new ChildStart("sleep", ["60"]));

        Assert.Equal(leader.Id, PosixProcess.SessionOf(leader.Id));
        Assert.NotEqual(other.Id, PosixProcess.SessionOf(other.Id));
        leader.Kill();
        other.Kill();
    }

    [Fact]
    public async Task Limit_of_file_locks_is_inherited_whatever_a_descendant_does_and_stays_that_of_this_process()
    {
        string before = Limit(await File.ReadAllLinesAsync("/proc/self/limits"));

        string[] limits = await LinesAsync("env -i setsid sh -c 'cat /proc/self/limits'", s => s with { FileLockLimit = 1234567890123456 });

        Assert.StartsWith("1234567890123456 ", Limit(limits), StringComparison.Ordinal);
        Assert.Equal(before, Limit(await File.ReadAllLinesAsync("/proc/self/limits")));

        static string Limit(string[] lines) => lines.Single(l => l.StartsWith("Max file locks", StringComparison.Ordinal))["Max file locks".Length..].Trim();
    }

    [Fact]
    public async Task Text_without_interpreter_is_given_to_the_shell()
    {
        string path = Path.Combine(_folder.FullName, "text");
        await File.WriteAllTextAsync(path, "echo $1\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using var child = ChildProcess.Start(new ChildStart(path, ["argument"]) { HasOutput = true });
        using var output = new StreamReader(child.Output);

        Assert.Equal("argument\n", await output.ReadToEndAsync().WaitAsync(Deadline));
        await child.WaitForEndAsync(CancellationToken.None).WaitAsync(Deadline);
    }

    [Fact]
    public void Program_that_is_not_there_is_said_and_no_file_stays_open()
    {
        int before = Directory.GetFiles("/proc/self/fd").Length;

        for (int i = 0; i < 100; i++)
        {
            var failure = Assert.Throws<PosixException>(() => ChildProcess.Start(Sh("true") with { Program = "/no/such/program", HasInput = true }));
            Assert.Equal("/no/such/program: No such file or directory", failure.Message);
        }

        Assert.InRange(Directory.GetFiles("/proc/self/fd").Length, 0, before + 50);
    }

    private static ChildStart Sh(string script) => new("/bin/sh", ["-c", script]) { HasOutput = true };

    private static async Task<string[]> LinesAsync(string script, Func<ChildStart, ChildStart>? change = null)
    {
        using var child = ChildProcess.Start(change?.Invoke(Sh(script)) ?? Sh(script));
        using var output = new StreamReader(child.Output);
        string text = await output.ReadToEndAsync().WaitAsync(Deadline);
        await child.WaitForEndAsync(CancellationToken.None).WaitAsync(Deadline);
        Assert.True(child.ExitCode == 0, child.ExitCode.ToString(CultureInfo.InvariantCulture));
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
