using CollectorAgent.TestKit;

namespace CollectorAgent.Peers.Tests;

public sealed class PoolSecretTests : IDisposable
{
    private readonly PeerRig _rig = new();
    private readonly CapturedLog _log = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Secret_is_what_the_file_has_now_without_its_line_feed()
    {
        var secret = new PoolSecret(_rig.SecretFile, _log);

        Assert.True(secret.TryRead(out string? first, out _));
        File.WriteAllText(_rig.SecretFile, "next");
        Assert.True(secret.TryRead(out string? second, out _));

        Assert.Equal((PeerRig.Secret, "next"), (first, second));
        Assert.Empty(_log.Lines);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("\n", "is empty")]
    [InlineData("qqq;expires=0", "cannot stand in a cookie")]
    [InlineData("qqq\r\nhost: b", "cannot stand in a cookie")]
    [InlineData("qqq%41", "cannot stand in a cookie")]
    public void Secret_that_cannot_be_is_none_and_is_not_told(string text, string expected)
    {
        File.WriteAllText(_rig.SecretFile, text);

        Assert.False(new PoolSecret(_rig.SecretFile, _log).TryRead(out _, out string? trouble));

        Assert.Contains(expected, trouble, StringComparison.Ordinal);
        Assert.Contains(_rig.SecretFile, trouble, StringComparison.Ordinal);
        Assert.DoesNotContain("qqq", trouble, StringComparison.Ordinal);
    }

    [Fact]
    public void File_that_is_missing_or_endless_is_no_secret()
    {
        Assert.False(new PoolSecret(_rig.In("none"), _log).TryRead(out _, out string? missing));
        Assert.False(new PoolSecret("/dev/zero", _log).TryRead(out _, out string? endless));
        File.WriteAllText(_rig.In("long"), new string('s', 5000));
        Assert.False(new PoolSecret(_rig.In("long"), _log).TryRead(out _, out string? tooLong));

        Assert.Contains("--pool-secret", missing, StringComparison.Ordinal);
        Assert.Contains("none: no such file or directory. Put", missing, StringComparison.Ordinal);
        Assert.Contains("it is a FIFO, a socket or a device", endless, StringComparison.Ordinal);
        Assert.Contains("longer than 4096 bytes", tooLong, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fifo_without_a_writer_is_no_secret_and_nobody_waits_for_one()
    {
        _rig.MakeFifo("fifo");

        string? trouble = await Task.Run(() => new PoolSecret(_rig.In("fifo"), _log).TryRead(out _, out string? why) ? null : why)
            .WaitAsync(PeerRig.Deadline);

        Assert.Contains("it is a FIFO", trouble, StringComparison.Ordinal);
    }

    [Fact]
    public void Secret_that_everybody_can_read_is_said_once()
    {
        File.SetUnixFileMode(_rig.SecretFile, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        var secret = new PoolSecret(_rig.SecretFile, _log);

        secret.TryRead(out _, out _);
        secret.TryRead(out _, out _);

        Assert.Contains(_rig.SecretFile, Assert.Single(_log.Lines), StringComparison.Ordinal);
    }
}
