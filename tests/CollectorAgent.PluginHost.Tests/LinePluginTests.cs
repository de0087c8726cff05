namespace CollectorAgent.PluginHost.Tests;

/// <summary>What programs do, and what becomes of their samples.</summary>
public sealed class LinePluginTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Script_runs_once_for_each_sample()
    {
        await using var run = new ScriptRun("echo x >>runs; echo runs $(wc -l <runs); echo $1 2 B", arguments: ["argument"]);

        Assert.Equal(new() { ["host runs"] = 1, ["host argument"] = 2 }, await run.SampleAsync());
        Assert.Equal(new() { ["host runs"] = 2, ["host argument"] = 2 }, await run.SampleAsync());
        Assert.Equal("", run.Errors);
    }

    [Fact]
    public async Task Script_that_prints_nothing_reports_nothing()
    {
        await using var run = new ScriptRun("exit 0");

        Assert.Empty(await run.SampleAsync());
    }

    [Theory]
    [InlineData("echo x $n; echo")]
    [InlineData("echo x $n; echo '# EOF'")]
    public async Task Program_that_stays_is_asked_with_a_line_feed(string answer)
    {
        await using var run = new ScriptRun($"n=0; while read _; do n=$((n+1)); {answer}; done");

        Assert.Equal(new() { ["host x"] = 1 }, await run.SampleAsync());
        Assert.Equal(new() { ["host x"] = 2 }, await run.SampleAsync());
        Assert.Equal(new() { ["host x"] = 3 }, await run.SampleAsync());
    }

    [Fact]
    public async Task Program_that_stays_need_not_end_its_blocks()
    {
        await using var run = new ScriptRun("n=0; while read _; do n=$((n+1)); printf 'x %d\ny %d\n' $n $n; done");
        foreach (int n in new[] { 1, 2 })
        {
            var sample = run.BeginSample();
            Assert.False(sample.IsCompleted);
            await run.PassUntilAsync(sample);
            await sample;

            Assert.Equal(new() { ["host x"] = n, ["host y"] = n }, run.Read());
        }
    }

    [Fact]
    public async Task Block_that_nobody_asked_for_does_not_make_the_answers_late()
    {
        await using var run = new ScriptRun("n=0; while read _; do n=$((n+1)); echo x $n; echo; echo x -$n; echo; touch answer$n; done");
        await run.SampleAsync();
        await run.FileAsync("answer1");

        Assert.Equal(2, Math.Abs((await run.SampleAsync())["host x"]));
    }

    [Fact]
    public async Task Sample_of_a_slow_program_counts_when_it_is_there()
    {
        await using var run = new ScriptRun("""
            n=$(ls | grep -c start); touch start$n
            echo x $n
            while [ ! -e go$n ]; do sleep 0.01; done
            echo y $n
            """);
        File.WriteAllText(run.PathOf("go0"), "");
        // It ends its blocks by its end: nobody ends them earlier.
        await run.SampleAsync();

        var slow = run.BeginSample();
        await run.FileAsync("start1");
        await run.AdvanceAsync(TimeSpan.FromSeconds(4));
        await run.AdvanceAsync(TimeSpan.FromSeconds(5));
        Assert.False(slow.IsCompleted);
        Assert.Equal("run takes longer than 4 s; its sample counts when it is there\n", run.Errors);
        File.WriteAllText(run.PathOf("go1"), "");
        await slow.WaitAsync(Deadline);

        Assert.Equal(new() { ["host x"] = 1, ["host y"] = 1 }, run.Read());
        Assert.False(File.Exists(run.PathOf("start2")));
        Assert.Equal(1_700_000_009, run.Page.Timestamp, 0.1);
    }

    [Fact]
    public async Task Program_that_hangs_is_killed_with_its_children()
    {
        await using var run = new ScriptRun("echo $$ >pids; sleep 300 & echo $! >>pids; touch started; wait");
        var sample = run.BeginSample();
        await run.FileAsync("started");
        await run.PassUntilAsync(sample);

        var trouble = await Assert.ThrowsAsync<IOException>(() => sample.WaitAsync(Deadline));
        Assert.Equal("run gave no block within a minute and was killed", trouble.Message);
        foreach (string pid in await File.ReadAllLinesAsync(run.PathOf("pids")))
        {
            await ScriptRun.UntilAsync(() => IsGone(pid));
        }
    }

    [Fact]
    public async Task Exit_code_is_told_and_costs_a_sample()
    {
        await using var run = new ScriptRun("if [ -e good ]; then echo x 1; else echo x 0; exit 3; fi");

        Assert.Equal("run ended with exit code 3", await TroubleAsync(run));
        File.WriteAllText(run.PathOf("good"), "");
        Assert.Equal(new() { ["host x"] = 1 }, await run.SampleAsync());
    }

    [Fact]
    public async Task Program_that_stays_is_started_again_when_it_has_ended()
    {
        await using var run = new ScriptRun("echo $$ >pid; echo x >>runs; read _; echo runs $(wc -l <runs); echo; exit 3");

        Assert.Equal(new() { ["host runs"] = 1 }, await run.SampleAsync());
        await ScriptRun.UntilAsync(() => IsGone(File.ReadAllText(run.PathOf("pid")).Trim()));
        Assert.Equal(new() { ["host runs"] = 2 }, await run.SampleAsync());
    }

    [Fact]
    public async Task Output_without_an_end_is_cut_off()
    {
        await using var run = new ScriptRun("yes 'x 1'");

        Assert.Equal("run printed more than 32768 lines for one sample and was killed", await TroubleAsync(run));
    }

    [Fact]
    public async Task Blocks_without_an_end_are_cut_off()
    {
        await using var run = new ScriptRun("touch started; yes ''");

        Assert.Equal("run printed more than 1048576 bytes for one sample and was killed", await TroubleAsync(run));
    }

    [Fact]
    public async Task Line_without_an_end_is_cut_off()
    {
        await using var run = new ScriptRun("while :; do printf xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done");

        Assert.Equal("run printed a line longer than 8192 bytes and was killed", await TroubleAsync(run));
    }

    [Fact]
    public async Task Grandchild_that_holds_the_output_open_holds_nobody_up()
    {
        await using var run = new ScriptRun("sleep 300 & echo $! >pid; echo x 1; touch started");
        foreach (int _ in new[] { 1, 2 })
        {
            File.Delete(run.PathOf("started"));
            var sample = run.BeginSample();
            await run.FileAsync("started");
            await run.PassUntilAsync(sample);
            await sample.WaitAsync(Deadline);

            Assert.Equal(new() { ["host x"] = 1 }, run.Read());
            using var kill = System.Diagnostics.Process.Start("kill", (await File.ReadAllTextAsync(run.PathOf("pid"))).Trim());
        }
    }

    [Fact]
    public async Task Program_that_cannot_be_started_is_told()
    {
        await using var run = new ScriptRun("", interpreter: "/nowhere");

        Assert.Contains("run cannot be started: ", await TroubleAsync(run), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_line_costs_that_line_and_is_told_once()
    {
        await using var run = new ScriptRun("[ -e better ] && echo x 2 || echo x $$x; echo y 1; echo :z");

        Assert.Equal(new() { ["host y"] = 1 }, await run.SampleAsync());
        string first = run.Errors;
        Assert.Matches(@"^run, line 1, 'x \d+x': behind the name there is no number\nrun, line 3, ':z': a name has .*\n$", first);
        await run.SampleAsync();
        Assert.Equal(first, run.Errors);

        File.WriteAllText(run.PathOf("better"), "");
        Assert.Equal(new() { ["host x"] = 2, ["host y"] = 1 }, await run.SampleAsync());
        Assert.Equal(first + "run, line 3, ':z'", run.Errors[..(first.Length + "run, line 3, ':z'".Length)]);
    }

    [Theory]
    [InlineData("# TYPE x counter\nx_total 1\n# EOF", "host x_total")]
    [InlineData("# HELP x A help.\nx 1", "host x")]
    [InlineData("# UNIT x_bytes bytes\n# TYPE x_bytes gauge\nx_bytes 1", "host x_bytes")]
    [InlineData("# a comment\nx{owner=\"sr a\"} 1", "sr a x")]
    [InlineData("# a comment\nx 1\n# EOF", "host x")]
    public async Task Openmetrics_is_known_when_it_is_seen(string text, string source)
    {
        await using var run = new ScriptRun($"cat <<'END'\n{text}\nEND");

        Assert.Equal(new() { [source] = 1 }, await run.SampleAsync());
        Assert.Equal("", run.Errors);
    }

    [Fact]
    public async Task Openmetrics_that_is_broken_costs_its_sample()
    {
        await using var run = new ScriptRun("echo '# TYPE x gauge'; echo x 1; echo y");

        Assert.Equal("run printed no OpenMetrics: line 3: no value behind the name", await TroubleAsync(run));
    }

    [Fact]
    public async Task What_openmetrics_has_that_is_no_value_is_told_once()
    {
        await using var run = new ScriptRun("echo '# TYPE x info'; echo 'x_info{a=\"b\"} 1'; echo '# TYPE y gauge'; echo y 2");

        Assert.Equal(new() { ["host y"] = 2 }, await run.SampleAsync());
        Assert.Equal("run, family x: info has no number\n", run.Errors);
        await run.SampleAsync();
        Assert.Equal("run, family x: info has no number\n", run.Errors);
    }

    private static async Task<string> TroubleAsync(ScriptRun run) =>
        (await Assert.ThrowsAsync<IOException>(() => run.SampleAsync())).Message;

    private static bool IsGone(string pid) =>
        !File.Exists($"/proc/{pid}/stat") || File.ReadAllText($"/proc/{pid}/stat").Contains(") Z", StringComparison.Ordinal);
}
