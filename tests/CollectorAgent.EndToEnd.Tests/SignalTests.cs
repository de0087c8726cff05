using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>Signals that end most processes.</summary>
public sealed class SignalTests
{
    [Fact]
    public async Task Signals_that_mean_nothing_end_nothing()
    {
        using var folder = new TemporaryFolder();
        using var agent = await AgentProcess.StartAsync(folder.Path, "--listen", "none", "--plugins", folder.Folder("none"));

        foreach (string signal in new[] { "USR1", "USR2", "ALRM", "VTALRM", "PROF", "IO", "PWR", "STKFLT", "XFSZ", "XCPU" })
        {
            await agent.SignalAsync(signal);
            await agent.LogsAsync($"SIG{signal}: nothing to do for the agent");
        }
        await agent.SignalAsync("PIPE");

        Assert.NotNull(await agent.UntilAsync("/status", _ => true));
        Assert.Equal(0, await agent.EndAsync("TERM"));
    }

    [Fact]
    public async Task Hangup_has_the_agent_look_again_at_certificate_and_pages_and_never_ends_it()
    {
        using var host = new PoolHost();
        PoolHost.Join(host);
        using var agent = await host.StartAsync();
        using var ending = PoolCertificates.SignedBySelf(TimeProvider.System.GetUtcNow() + TimeSpan.FromDays(3.5));
        PoolCertificates.WritePem(host.Paths.Certificate, ending);

        await agent.SignalAsync("HUP");

        await agent.LogsAsync("SIGHUP: looking again at the page folder, the certificate");
        await agent.LogsAsync("is good for 3 more days only");
        var status = await agent.UntilAsync("/status", _ => true);
        Assert.Equal(new DateTimeOffset(ending.NotAfter.ToUniversalTime()).ToUnixTimeSeconds(), (long)status["certificate_ends"]!);
        await agent.SignalAsync("HUP");
        Assert.Equal(0, await agent.EndAsync("TERM"));
    }
}
