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

    [Theory]
    [InlineData("echo no array here >&2; exit 69", 69)]
    [InlineData("echo x 1; exit 78", 78)]
    [InlineData("read _; echo x 1; echo; read _; exit 69", 69)]
    public async Task Host_ends_with_the_exit_codes_that_are_meant_for_the_agent(string script, int code)
    {
        _host.WithScript($"#!/bin/sh\n{script}\n").Start();

        Assert.Equal(code, (await _host.EndAsync()).ExitCode);
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

    [PythonFact]
    public async Task Python_program_with_its_own_client_library_works()
    {
        _host.WithScript("""
            #!/usr/bin/python3
            from prometheus_client import CollectorRegistry, Counter, Gauge
            from prometheus_client.openmetrics.exposition import generate_latest
            import sys
            registry = CollectorRegistry()
            asked = Counter('asked', 'How often it was asked.', registry=registry)
            queue = Gauge('queue_length', 'Requests.', ['owner', 'port'], registry=registry)
            queue.labels('sr 0b34c1d2', 'a').set(2.5)
            for _ in sys.stdin:
                asked.inc()
                sys.stdout.write(generate_latest(registry).decode())
                sys.stdout.flush()
            """).Start();

        var page = await _host.PageAsync(p => Values.Of(p)["host asked_total"] == 2);

        Assert.Equal(2.5, Values.Of(page).Single(v => v.Key.StartsWith("sr 0b34c1d2 queue_length", StringComparison.Ordinal)).Value);
        Assert.Equal(0, await _host.TerminateAsync());
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
