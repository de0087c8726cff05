using System.Globalization;

namespace CollectorAgent.Rpc.Tests;

/// <summary>When connections are told to publish. Readings are at 2, 7, 12 seconds after the start.</summary>
public sealed class NoticeTests : IAsyncLifetime
{
    // More than fit into the buffers of a socket that nobody reads.
    private const int EnoughRounds = 2_000;

    private readonly SocketRig _rig = new();

    public Task InitializeAsync() => _rig.InitializeAsync();

    public Task DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData(null, 1.5, 0.5)]
    [InlineData(0.5, 1.5, 0.5)]
    [InlineData(1.25, 0.75, 1.25)]
    [InlineData(0.0, 2.0, 0.0)]
    [InlineData(2.0, 5.0, 2.0)]
    [InlineData(4.0, 3.0, 4.0)]
    public async Task Notice_comes_the_shift_before_each_reading(double? shift, double first, double readingIn)
    {
        using var client = await RegisteredAsync("a", shift);
        for (int i = 0; i < 3; i++)
        {
            AdvanceTo(first + 5 * i - 0.01);
            Assert.True(await client.HearsNothingAsync());
            AdvanceTo(first + 5 * i);
            Assert.Equal(Notice(readingIn, first + 5 * i), await client.NextAsync());
        }
    }

    [Fact]
    public async Task Each_shift_of_a_connection_is_told_once()
    {
        using var client = await RegisteredAsync("a", 0.5);
        await client.CallAsync("register", ("uid", "b"), ("negative_shift_seconds", 0.5));
        await client.CallAsync("register", ("uid", "c"), ("negative_shift_seconds", 1));
        using var other = await RegisteredAsync("d", 0.5);
        AdvanceTo(2);

        Assert.Equal(Notice(1, 1), await client.NextAsync());
        Assert.Equal(Notice(0.5, 1.5), await client.NextAsync());
        Assert.True(await client.HearsNothingAsync());
        Assert.Equal(Notice(0.5, 1.5), await other.NextAsync());
        Assert.True(await other.HearsNothingAsync());
    }

    [Fact]
    public async Task Shift_that_nothing_is_registered_with_any_more_is_not_told()
    {
        using var client = await RegisteredAsync("a", 0.5);
        await client.CallAsync("register", ("uid", "b"), ("negative_shift_seconds", 0.5));
        await client.CallAsync("register", ("uid", "c"), ("negative_shift_seconds", 1));
        await client.CallAsync("register", ("uid", "c"), ("negative_shift_seconds", 0.25));
        await client.CallAsync("deregister", ("uid", "a"));
        AdvanceTo(2);
        Assert.Equal(Notice(0.5, 1.5), await client.NextAsync());
        Assert.Equal(Notice(0.25, 1.75), await client.NextAsync());

        await client.CallAsync("deregister", ("uid", "b"));
        await client.CallAsync("deregister", ("uid", "c"));
        AdvanceTo(20);

        Assert.True(await client.HearsNothingAsync());
        Assert.Equal(0, _rig.Time.PendingTimers);
    }

    [Fact]
    public async Task Clock_set_back_makes_a_notice_wait_again()
    {
        using var client = await RegisteredAsync("a", 0.5);
        AdvanceTo(1);
        _rig.Time.SetWall(SocketRig.Start);
        _rig.Time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.True(await client.HearsNothingAsync());

        _rig.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(Notice(0.5, 1.5), await client.NextAsync());
        _rig.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(Notice(0.5, 6.5), await client.NextAsync());
        Assert.True(await client.HearsNothingAsync());
    }

    [Fact]
    public async Task Clock_set_forward_leaves_out_a_notice_that_would_be_too_late()
    {
        using var client = await RegisteredAsync("a", 0.5);
        AdvanceTo(1);
        _rig.Time.SetWall(SocketRig.Start.AddSeconds(2.5));
        _rig.Time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.True(await client.HearsNothingAsync());

        AdvanceTo(6.5);

        Assert.Equal(Notice(0.5, 6.5), await client.NextAsync());
    }

    [Fact]
    public async Task Late_notice_says_how_near_the_reading_is()
    {
        using var client = await RegisteredAsync("a", 0.5);
        AdvanceTo(1);
        _rig.Time.SetWall(SocketRig.Start.AddSeconds(1.3));
        _rig.Time.Advance(TimeSpan.FromSeconds(0.5));

        Assert.Equal(Notice(0.2, 1.8), await client.NextAsync());
        AdvanceTo(6.5);
        Assert.Equal(Notice(0.5, 6.5), await client.NextAsync());
    }

    [Fact]
    public async Task Client_that_does_not_read_is_left_out_and_then_closed_and_holds_nobody_up()
    {
        _rig.WritePage("a");
        using var deaf = await RegisteredAsync("a", 0.5);
        using var good = await RegisteredAsync("b", 0.5);
        for (int i = 0; i < EnoughRounds; i++)
        {
            AdvanceTo(1.5 + 5 * i);
            Assert.Equal(Notice(0.5, 1.5 + 5 * i), await good.NextAsync());
        }
        await _rig.ToldAsync("+a", "-a");

        // What the socket took of its own is still there to be read.
        int heard = 0;
        while (await deaf.NextAsync() is not null)
        {
            heard++;
        }
        Assert.InRange(heard, 1, EnoughRounds - 12);
        Assert.StartsWith("nil", await good.CallAsync("register", ("uid", "c")), StringComparison.Ordinal);
    }

    private static string Notice(double readingIn, double at) => string.Create(
        CultureInfo.InvariantCulture,
        $"2 sample reading_in_seconds={readingIn} step_end={SocketRig.Start.ToUnixTimeSeconds() + 5 * (int)Math.Floor((at + readingIn) / 5)}");

    private async Task<TestClient> RegisteredAsync(string uid, double? shift)
    {
        var client = await _rig.HelloAsync();
        string answer = shift is { } seconds
            ? await client.CallAsync("register", ("uid", uid), ("negative_shift_seconds", seconds))
            : await client.CallAsync("register", ("uid", uid));
        Assert.StartsWith("nil path", answer, StringComparison.Ordinal);
        return client;
    }

    private void AdvanceTo(double second)
    {
        _rig.Time.Advance(TimeSpan.FromSeconds(second) - (_rig.Time.GetUtcNow() - SocketRig.Start));
    }
}
