namespace CollectorAgent.Cli.Tests;

/// <summary>Tests that run the program against a server.</summary>
public abstract class AgentTests : IAsyncLifetime
{
    private protected CannedAgent Agent { get; private set; } = null!;

    public async Task InitializeAsync() => Agent = await CannedAgent.StartAsync();

    public async Task DisposeAsync() => await Agent.DisposeAsync();

    private protected Task<ProgramResult> RunAsync(params string[] arguments) => CollectorCtl.RunAsync([.. arguments, "--root", Agent.Root]);
}
