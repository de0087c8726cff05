using CollectorAgent.Protocol;

namespace CollectorAgent.Rpc.Tests;

/// <summary>The methods of MessagePack-RPC, and what they refuse.</summary>
public sealed class MethodTests(SocketRig rig) : IClassFixture<SocketRig>
{
    [Fact]
    public async Task Hello_comes_first_and_can_be_tried_again_in_another_version()
    {
        using var client = await rig.ConnectAsync();

        Assert.Equal("code=Invalid_protocol message=the first call of a connection is hello nil", await client.CallAsync("register", ("uid", "a")));
        Assert.Equal("code=Invalid_protocol message=protocol 2 is not spoken; spoken: 1 nil", await client.CallAsync("hello", ("protocol", 2), ("client", "t")));
        Assert.Equal("code=Invalid_protocol message=the first call of a connection is hello nil", await client.CallAsync("register", ("uid", "a")));
        Assert.Equal(
            $"nil protocol=1 agent=1.2.3 step_seconds=5 pages={rig.Paths.Pages}",
            await client.CallAsync("hello", ("protocol", 1), ("client", "t"), ("more", new object?[] { 1 })));
        Assert.StartsWith("nil path=", await client.CallAsync("register", ("uid", "first")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Capabilities_are_told()
    {
        using var client = await rig.HelloAsync();

        Assert.Equal("nil name=SR_STATS sr_types= srs=5b7a1c1e-0000-4000-8000-000000000001", await client.CallAsync("capabilities"));
    }

    [Fact]
    public async Task Plugin_is_told_its_path_and_the_next_reading()
    {
        using var client = await rig.HelloAsync();

        Assert.Equal($"nil path={rig.Paths.Page("told")} next_reading_seconds=2", await client.CallAsync("register", ("uid", "told")));
        Assert.Equal("nil 2", await client.CallAsync("next_reading", ("uid", "told")));
        Assert.Equal("nil nil", await client.CallAsync("deregister", ("uid", "told")));
        Assert.Equal("nil nil", await client.CallAsync("deregister", ("uid", "told")));
        Assert.Equal(
            "code=Rrdd_internal_error message=told is not registered on this connection nil", await client.CallAsync("next_reading", ("uid", "told")));
    }

    [Theory]
    [InlineData("nope", "Unknown_method", "there is no method nope")]
    [InlineData("no\npe\u001b[1m", "Unknown_method", "there is no method no?pe??1m")]
    [InlineData("", "Unknown_method", "there is no method ")]
    [InlineData("Register", "Unknown_method", "there is no method Register")]
    public async Task Unknown_method_is_named(string method, string code, string message)
    {
        using var client = await rig.HelloAsync();

        Assert.Equal($"code={code} message={message} nil", await client.CallAsync(method));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".hidden")]
    [InlineData("../passwd")]
    [InlineData("a b")]
    public async Task Uid_that_is_no_file_name_is_refused_with_the_rule(string uid)
    {
        using var client = await rig.HelloAsync();

        foreach (string method in new[] { "register", "deregister", "next_reading" })
        {
            Assert.Equal($"code=Rrdd_internal_error message={PluginUid.Rule} nil", await client.CallAsync(method, ("uid", uid)));
        }
    }

    [Fact]
    public async Task Missing_and_wrong_arguments_are_named()
    {
        using var client = await rig.HelloAsync();

        Assert.Contains("register: 'uid' is missing or no text", await client.CallAsync("register"), StringComparison.Ordinal);
        Assert.Contains("'uid' is missing or no text", await client.CallAsync("register", ("uid", 5)), StringComparison.Ordinal);
        Assert.Contains("'protocol' is missing", await client.CallAsync("hello", ("client", "x")), StringComparison.Ordinal);
        Assert.Contains("'protocol' is missing or no integer", await client.CallAsync("hello", ("protocol", 1.0), ("client", "x")), StringComparison.Ordinal);
        Assert.Contains("'client' is missing", await client.CallAsync("hello", ("protocol", 1)), StringComparison.Ordinal);
        Assert.Contains(
            "'negative_shift_seconds' is missing or no number", await client.CallAsync("register", ("uid", "a"), ("negative_shift_seconds", "1")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-0.001)]
    [InlineData(4.001)]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    public async Task Shift_out_of_range_is_refused_with_the_range(double shift)
    {
        using var client = await rig.HelloAsync();

        Assert.Equal(
            "code=Rrdd_internal_error message='negative_shift_seconds' is 0 to 4 seconds nil",
            await client.CallAsync("register", ("uid", "shifted"), ("negative_shift_seconds", shift)));
    }

    [Fact]
    public async Task Connection_registers_64_plugins_and_no_more()
    {
        using var client = await rig.HelloAsync();
        for (int i = 0; i < SocketRpc.MaxRegistrations; i++)
        {
            Assert.StartsWith("nil", await client.CallAsync("register", ("uid", $"many{i}")), StringComparison.Ordinal);
        }

        Assert.StartsWith("nil", await client.CallAsync("register", ("uid", "many0"), ("negative_shift_seconds", 1)), StringComparison.Ordinal);
        Assert.Equal(
            "code=Rrdd_internal_error message=a connection registers at most 64 plugins nil", await client.CallAsync("register", ("uid", "many64")));
        await client.CallAsync("deregister", ("uid", "many7"));
        Assert.StartsWith("nil", await client.CallAsync("register", ("uid", "many64")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_that_cannot_be_read_is_refused()
    {
        Directory.CreateDirectory(rig.Paths.Page("folder"));
        using var client = await rig.HelloAsync();

        Assert.Contains("no regular file", await client.CallAsync("register", ("uid", "folder")), StringComparison.Ordinal);
        Assert.Contains("not registered", await client.CallAsync("next_reading", ("uid", "folder")), StringComparison.Ordinal);
    }
}
