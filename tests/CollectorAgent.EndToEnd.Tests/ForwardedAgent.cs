using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>An agent that has recorded something, and a front that hands clients over to it.</summary>
public sealed class ForwardedAgent : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private AgentProcess? _agent;
    private FrontProcess? _front;

    internal AgentProcess Agent => _agent!;

    internal FrontProcess Front => _front!;

    public async Task InitializeAsync()
    {
        _agent = await AgentProcess.StartAsync(_folder.Path);
        _front = await FrontProcess.StartAsync(_agent.Paths.ForwardedSocket);
        await _agent.UntilAsync(Updates.Path, u => Updates.Known(u, "memory_total_kib").Length > 0);
    }

    public Task DisposeAsync()
    {
        _front?.Dispose();
        _agent?.Dispose();
        _folder.Dispose();
        return Task.CompletedTask;
    }
}
