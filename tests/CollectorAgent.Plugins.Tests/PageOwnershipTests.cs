using System.Diagnostics;
using System.Globalization;
using CollectorAgent.Native;
using Microsoft.Extensions.Logging.Abstractions;

namespace CollectorAgent.Plugins.Tests;

/// <summary>Who may register a page, and who may have it read no longer.</summary>
public sealed class PageOwnershipTests : IDisposable
{
    private const uint Nobody = 65534;

    // All of them may call the agent; only root and the agent's own user may do everything.
    private static readonly PeerIdentity Own = new(4711, PosixProcess.UserId, 0);
    private static readonly PeerIdentity Root = new(1, 0, 0);
    private static readonly PeerIdentity Stranger = new(4712, Nobody, Nobody);
    private static readonly PeerIdentity Other = new(4713, Nobody - 1, Nobody);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-owners-");
    private readonly PageRegistry _registry;

    public PageOwnershipTests() => _registry = new PageRegistry(
        _folder.FullName,
        new PageGrants(),
        (_, file, _) =>
        {
            file.Dispose();
            return true;
        },
        _ => true,
        TimeProvider.System,
        NullLogger<PageRegistry>.Instance);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Page_of_another_user_is_neither_registered_nor_deregistered()
    {
        Write("a");
        _registry.Scan();

        AssertRefused(() => _registry.Register("a", Stranger));
        AssertRefused(() => _registry.RegisterAhead("a", Stranger));
        AssertRefused(() => _registry.Deregister("a", Stranger));

        Assert.Null(Assert.Single(_registry.All).Peer);
        _registry.Deregister("a", Root);
        Assert.Empty(_registry.All);
    }

    [Fact]
    public void Page_stays_when_somebody_leaves_who_registered_its_name_before_it_was_there()
    {
        _registry.RegisterAhead("a", Stranger);
        Write("a");
        _registry.Appeared("a");
        Assert.Single(_registry.All);

        Assert.Throws<PluginProtocolException>(() => _registry.Deregister("a", Stranger));
        _registry.Release("a", Stranger);

        Assert.Single(_registry.All);
        _registry.Release("a", Own);
        Assert.Empty(_registry.All);
    }

    [RootFact]
    public void Owner_of_a_page_and_root_may_have_it_read_no_longer_and_nobody_else()
    {
        WriteAs("a", Nobody);
        _registry.Register("a", Stranger);
        Assert.Throws<PluginProtocolException>(() => _registry.Deregister("a", Other));
        _registry.Release("a", Other);
        Assert.Single(_registry.All);

        _registry.Deregister("a", Stranger with { Pid = 99 });
        Assert.Empty(_registry.All);

        _registry.Register("a", Stranger);
        _registry.Deregister("a", Root);
        Assert.Empty(_registry.All);
        Assert.Throws<PluginProtocolException>(() => _registry.Register("a", Other));
    }

    [RootFact]
    public void Name_that_a_stranger_holds_is_taken_over_by_root_and_by_the_owner_of_the_file()
    {
        Assert.True(_registry.MayTakeOver("a", Root, Stranger));
        Assert.False(_registry.MayTakeOver("a", Stranger, Root));
        Assert.False(_registry.MayTakeOver("a", Other, Stranger));
        // Of one user it is the process that counts.
        Assert.False(_registry.MayTakeOver("a", Stranger with { Pid = 99 }, Stranger));
        Assert.False(_registry.MayTakeOver("a", Root with { Pid = 99 }, Root));

        WriteAs("a", Nobody);
        _registry.Scan();
        Assert.True(_registry.MayTakeOver("a", Stranger, Other));
        Assert.False(_registry.MayTakeOver("a", Other, Stranger));
        Assert.False(_registry.MayTakeOver("a", Stranger, Root));
    }

    [Fact]
    public void Expectation_of_one_user_does_not_end_with_another()
    {
        _registry.RegisterAhead("a", Stranger);
        _registry.Release("a", Other);
        Write("a");
        _registry.Appeared("a");

        Assert.Equal(Stranger, Assert.Single(_registry.All).Peer);
    }

    [Theory]
    [InlineData("collector-agent")]
    [InlineData("collector-agent-cache")]
    [InlineData("x.tmp")]
    [InlineData("tap-1")]
    public void Name_that_is_never_read_as_a_page_cannot_be_registered(string uid)
    {
        Assert.Throws<PluginProtocolException>(() => _registry.RegisterAhead(uid, Root));
        Write(uid);
        Assert.Throws<PluginProtocolException>(() => _registry.RegisterAhead(uid, Root));
        Assert.Throws<PluginProtocolException>(() => _registry.Register(uid, Root));
        Assert.Empty(_registry.All);
    }

    private static void AssertRefused(Action action) =>
        Assert.Contains("belongs to user", Assert.Throws<PluginProtocolException>(action).Message, StringComparison.Ordinal);

    private void Write(string uid) => File.WriteAllText(Path.Combine(_folder.FullName, uid), "x");

    private void WriteAs(string uid, uint user)
    {
        Write(uid);
        using var chown = Process.Start("chown", [user.ToString(CultureInfo.InvariantCulture), Path.Combine(_folder.FullName, uid)]);
        chown.WaitForExit();
        Assert.Equal(0, chown.ExitCode);
    }
}
