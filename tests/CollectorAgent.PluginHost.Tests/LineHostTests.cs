namespace CollectorAgent.PluginHost.Tests;

/// <summary>Real hosts with real scripts.</summary>
public sealed class LineHostTests : IDisposable
{
    private readonly HostProcess _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Plugin_of_three_lines_of_shell_works()
    {
        _host.WithScript("""
            #!/bin/sh
            echo files $(ls | wc -l)
            echo calls_total 7 requests sr 0b34c1d2-0000-4000-8000-000000000002
            """).Start();

        var page = await _host.PageAsync();

        Assert.Equal(new() { ["host files"] = 2, ["sr 0b34c1d2-0000-4000-8000-000000000002 calls_total"] = 7 }, Values.Of(page));
        Assert.Equal(0, await _host.TerminateAsync());
        Assert.False(File.Exists(_host.Page));
    }

    [Fact]
    public async Task Program_that_stays_ends_with_its_host()
    {
        _host.WithScript("""
            #!/bin/sh
            while read _; do echo pid $$; echo; done
            """).Start();
        int pid = (int)Values.Of(await _host.PageAsync())["host pid"];

        _host.CloseLifeline();

        Assert.Equal(0, (await _host.EndAsync()).ExitCode);
        Assert.False(Directory.Exists($"/proc/{pid}"));
    }

    [Fact]
    public async Task What_goes_wrong_is_told_though_there_is_no_page_yet()
    {
        _host.WithScript("""
            #!/bin/sh
            echo no such array >&2
            exit 3
            """).Start();

        Assert.Equal("no such array", await _host.ComplainsAsync("no such"));
        Assert.Equal("no sample: run ended with exit code 3", await _host.ComplainsAsync("no sample"));
        Assert.Equal(0, await _host.TerminateAsync());
    }
}
