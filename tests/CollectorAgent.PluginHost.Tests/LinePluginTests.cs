namespace CollectorAgent.PluginHost.Tests;

/// <summary>What programs do, and what becomes of their samples.</summary>
public sealed class LinePluginTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

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

    [Theory]
    [InlineData("echo fan1 2400 rpm; echo; echo psu1 230 V")]
    [InlineData("echo fan1 2400 rpm; echo; echo psu1 230 V; echo")]
    [InlineData("echo; echo fan1 2400 rpm; echo; sleep 0.3; echo; echo psu1 230 V; echo; echo; exit 0")]
    [InlineData("printf 'fan1 2400 rpm\\r\\n\\r\\npsu1 230 V\\r\\n'")]
    [InlineData("printf '\\357\\273\\277fan1 2400 rpm\\n\\n\\357\\273\\277psu1 230 V\\n'")]
    [InlineData("echo fan1 2400 rpm; echo '# EOF'; echo psu1 230 V; echo '# EOF'")]
    public async Task Empty_line_within_what_a_program_prints_that_ends_by_itself_is_no_border(string script)
    {
        await using var run = new ScriptRun(script);

        Assert.Equal(new() { ["host fan1"] = 2400, ["host psu1"] = 230 }, await run.SampleAsync());
        Assert.Equal(new() { ["host fan1"] = 2400, ["host psu1"] = 230 }, await run.SampleAsync());
        Assert.Equal("", run.Errors);
    }

    [Fact]
    public async Task Program_that_prints_at_its_own_pace_ends_its_blocks_with_empty_lines()
    {
        await using var run = new ScriptRun("n=0; while :; do n=$((n+1)); echo x $n; echo; echo >>printed; while [ ! -e go$n ]; do sleep 0.01; done; done");
        var sample = run.BeginSample();
        await run.FileAsync("printed");
        await run.PassUntilAsync(sample);
        await sample;
        Assert.Equal(new() { ["host x"] = 1 }, run.Read());

        sample = run.BeginSample();
        Assert.False(sample.IsCompleted);
        await File.WriteAllTextAsync(run.PathOf("go1"), "");
        await sample.WaitAsync(Deadline);

        Assert.Equal(new() { ["host x"] = 2 }, run.Read());
        Assert.Equal("", run.Errors);
    }

    [Fact]
    public async Task Slow_script_is_cut_once_at_most()
    {
        await using var run = new ScriptRun("""
            n=$(ls | grep -c start); echo a 1; touch start$n
            while [ ! -e go$n ]; do sleep 0.01; done
            echo b 2
            """);
        var first = run.BeginSample();
        await run.FileAsync("start0");
        await run.PassUntilAsync(first);
        await first;
        Assert.Equal(new() { ["host a"] = 1 }, run.Read());

        var rest = run.BeginSample();
        await File.WriteAllTextAsync(run.PathOf("go0"), "");
        var trouble = await Assert.ThrowsAsync<IOException>(() => rest.WaitAsync(Deadline));
        Assert.Equal("run ended by itself after its sample was taken; from now on its end is waited for", trouble.Message);

        foreach (int n in new[] { 1, 2 })
        {
            var sample = run.BeginSample();
            await run.FileAsync($"start{n}");
            await run.AdvanceAsync(TimeSpan.FromSeconds(4));
            await run.AdvanceAsync(TimeSpan.FromSeconds(2));
            Assert.False(sample.IsCompleted);
            await File.WriteAllTextAsync(run.PathOf($"go{n}"), "");
            await sample.WaitAsync(Deadline);
            Assert.Equal(new() { ["host a"] = 1, ["host b"] = 2 }, run.Read());
        }
    }

    [Fact]
    public async Task Program_that_ended_by_itself_and_now_stays_is_not_killed()
    {
        await using var run = new ScriptRun("""
            if [ ! -e stays ]; then echo x 0; exit 0; fi
            n=0; while :; do n=$((n+1)); echo x $n; echo; touch started; while [ ! -e go$n ]; do sleep 0.01; done; done
            """);
        Assert.Equal(new() { ["host x"] = 0 }, await run.SampleAsync());
        await File.WriteAllTextAsync(run.PathOf("stays"), "");

        var sample = run.BeginSample();
        await run.FileAsync("started");
        await run.PassUntilAsync(sample);
        await sample;
        Assert.Equal(new() { ["host x"] = 1 }, run.Read());

        sample = run.BeginSample();
        await File.WriteAllTextAsync(run.PathOf("go1"), "");
        await sample.WaitAsync(Deadline);
        Assert.Equal(new() { ["host x"] = 2 }, run.Read());
    }

    [Fact]
    public async Task Program_that_stays_and_prints_several_blocks_for_one_sample_is_told_so_once()
    {
        await using var run = new ScriptRun("while read _; do echo x 1; echo; echo y 2; echo; echo >>answered; done");
        for (int n = 1; n <= 3; n++)
        {
            await run.SampleAsync();
            await run.FileAsync("answered", new string('\n', n));
        }

        Assert.Equal(
            "run printed more than one block for one sample; an empty line ends a block: print none within it, or end it with '# EOF'\n", run.Errors);
    }

    [Fact]
    public async Task Empty_lines_of_a_program_whose_blocks_end_with_eof_are_none()
    {
        await using var run = new ScriptRun("while read _; do echo '# TYPE x gauge'; echo x 1; echo; echo '# TYPE y gauge'; echo y 2; echo '# EOF'; echo >>answered; done");
        await run.SampleAsync();
        await run.FileAsync("answered");

        Assert.Equal(new() { ["host x"] = 1, ["host y"] = 2 }, await run.SampleAsync());
        Assert.Equal(new() { ["host x"] = 1, ["host y"] = 2 }, await run.SampleAsync());
    }

    [Theory]
    [InlineData("printf '\\357\\273\\277# HELP q Queue\\n# TYPE q gauge\\nq 4\\n'")]
    [InlineData("printf '\\357\\273\\277# TYPE q counter\\r\\nq_total 4\\r\\n# EOF\\r\\n'")]
    [InlineData("printf '# HELP q Queue\\n# TYPE q gauge\\nq 4\\n# HELP q Queue\\n# TYPE q gauge\\n# EOF\\n'")]
    [InlineData("printf '\\n# HELP q Queue\\n# TYPE q gauge\\n\\nq 4\\n\\n# HELP r More\\n\\n'")]
    public async Task Openmetrics_as_it_is_found_is_taken(string script)
    {
        await using var run = new ScriptRun(script);

        Assert.Equal(4, Assert.Single(await run.SampleAsync()).Value);
        Assert.Equal("", run.Errors);
    }

    [Fact]
    public async Task Program_starts_with_default_signals()
    {
        await using var run = new ScriptRun("echo sigpipe_ignored $(( (0x$(awk '/^SigIgn/ {print $2}' /proc/self/status) >> 12) & 1 ))", "/bin/bash");

        Assert.Equal(new() { ["host sigpipe_ignored"] = 0 }, await run.SampleAsync());
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

    [Theory]
    [InlineData(16384, 16383, true)]
    [InlineData(16384, 16384, false)]
    public async Task Blocks_of_a_program_that_ends_have_32768_lines_together(int first, int second, bool isTaken)
    {
        await using var run = new ScriptRun($"yes 'x 1' | head -n {first}; echo; yes 'x 1' | head -n {second}");

        if (isTaken)
        {
            Assert.Equal(new() { ["host x"] = 1 }, await run.SampleAsync());
        }
        else
        {
            Assert.Equal("run printed more than 32768 lines for one sample", await TroubleAsync(run));
        }
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

        Assert.StartsWith("run cannot be started: ", await TroubleAsync(run), StringComparison.Ordinal);
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
