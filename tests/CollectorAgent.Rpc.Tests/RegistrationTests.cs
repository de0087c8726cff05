namespace CollectorAgent.Rpc.Tests;

/// <summary>A registration lives as long as its connection.</summary>
public sealed class RegistrationTests : IAsyncLifetime
{
    private readonly SocketRig _rig = new();

    public Task InitializeAsync() => _rig.InitializeAsync();

    public Task DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Page_that_comes_after_its_registration_is_read_with_who_registered_it()
    {
        using var client = await _rig.HelloAsync();
        await client.CallAsync("register", ("uid", "a"));
        Assert.Empty(_rig.Told);

        _rig.WritePage("a");

        Assert.Equal(["+a"], _rig.Told);
        Assert.Equal(Environment.ProcessId, Assert.Single(_rig.Pages.All).Peer!.Value.Pid);
    }

    [Fact]
    public async Task Closed_connection_ends_its_registrations_at_once_though_the_pages_stay()
    {
        _rig.WritePage("a");
        _rig.WritePage("b");
        _rig.WritePage("c");
        using var other = await _rig.HelloAsync();
        await other.CallAsync("register", ("uid", "c"));
        var client = await _rig.HelloAsync();
        await client.CallAsync("register", ("uid", "a"));
        await client.CallAsync("register", ("uid", "b"));
        client.Dispose();

        await _rig.ToldAsync("+a", "+b", "+c", "-a", "-b");
        _rig.Pages.Scan();
        Assert.Equal(["c"], _rig.Pages.All.Select(p => p.Uid));

        await other.CallAsync("register", ("uid", "a"));
        Assert.Equal(["a", "c"], _rig.Pages.All.Select(p => p.Uid));
    }

    [Fact]
    public async Task Registration_ahead_of_its_page_ends_with_the_connection_too()
    {
        var client = await _rig.HelloAsync();
        await client.CallAsync("register", ("uid", "a"));
        await client.CallAsync("register", ("uid", "b"));
        _rig.WritePage("b");
        client.Dispose();
        await _rig.ToldAsync("+b", "-b");

        _rig.WritePage("a");

        Assert.Null(Assert.Single(_rig.Pages.All).Peer);
    }

    [Fact]
    public async Task Plugin_registered_anew_by_its_process_stays_when_the_old_connection_closes()
    {
        _rig.WritePage("a");
        _rig.WritePage("b");
        var old = await _rig.HelloAsync();
        await old.CallAsync("register", ("uid", "a"));
        await old.CallAsync("register", ("uid", "b"));
        using var client = await _rig.HelloAsync();
        Assert.StartsWith("nil path", await client.CallAsync("register", ("uid", "a")), StringComparison.Ordinal);
        Assert.Contains("not registered on this connection", await old.CallAsync("next_reading", ("uid", "a")), StringComparison.Ordinal);
        Assert.Equal("nil nil", await old.CallAsync("deregister", ("uid", "a")));
        old.Dispose();

        await _rig.ToldAsync("+a", "+b", "-b");
        Assert.Equal("nil 2", await client.CallAsync("next_reading", ("uid", "a")));
    }

    [Fact]
    public async Task Deregistered_plugin_is_read_no_more()
    {
        _rig.WritePage("a");
        using var client = await _rig.HelloAsync();
        await client.CallAsync("register", ("uid", "a"));
        await client.CallAsync("deregister", ("uid", "a"));

        Assert.Equal(["+a", "-a"], _rig.Told);
    }

    [Fact]
    public async Task Agent_that_stops_closes_connections_but_keeps_what_they_registered()
    {
        _rig.WritePage("a");
        using var client = await _rig.HelloAsync();
        await client.CallAsync("register", ("uid", "a"));
        using var silent = await _rig.ConnectAsync();

        await _rig.StopAsync();

        Assert.Null(await client.NextAsync());
        Assert.Equal(["+a"], _rig.Told);
    }
}
