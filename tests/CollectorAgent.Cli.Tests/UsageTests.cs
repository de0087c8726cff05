namespace CollectorAgent.Cli.Tests;

/// <summary>Command lines that mean nothing, as of a script with a variable that is not set: one sentence, and the exit code of wrong usage.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("the argument after '--root' is empty", "--root", "", "status")]
    [InlineData("the argument after '--root' is empty", "--root", "  ", "status")]
    [InlineData("'--root=' is empty", "--root=", "status")]
    [InlineData("the argument after '--url' is empty", "--url", "", "status")]
    [InlineData("the argument after 'test' is empty", "plugin", "test", "")]
    [InlineData("the argument after 'write' is empty", "sr-vdi", "write", "", "")]
    [InlineData("the argument after '--output' is empty", "sr-vdi", "read", "/dev/null", "--output", "")]
    [InlineData("the argument after 'collectorctl' is empty", "")]
    public async Task Empty_argument_is_refused(string expected, params string[] arguments)
    {
        var result = await CollectorCtl.RunAsync(arguments);

        Assert.Equal((2, $"collectorctl: {expected}.\n"), (result.Code, result.Errors));
    }

    [Fact]
    public async Task Root_too_deep_for_a_socket_is_refused_with_the_reason()
    {
        var result = await CollectorCtl.RunAsync("--root", "/tmp/" + new string('x', 100), "status");

        Assert.Equal(2, result.Code);
        Assert.Contains("is longer than 107 bytes", Assert.Single(result.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [RootFact]
    public async Task User_without_a_home_is_told_to_name_a_root()
    {
        foreach (string home in new[] { "-u HOME", "HOME=", "HOME=here" })
        {
            var result = await CollectorCtl.ShellAsync(
                $"env -u XDG_STATE_HOME {home} setpriv --reuid=65534 --regid=65534 --clear-groups \"$CTL\" status");

            Assert.Equal(2, result.Code);
            Assert.Contains("Name one with --root DIR", result.Errors, StringComparison.Ordinal);
        }
    }
}
