using CollectorAgent.TestKit;

namespace CollectorAgent.Peers.Tests;

public sealed class CertificateFileTests : IDisposable
{
    private readonly PeerRig _rig = new();
    private readonly CapturedLog _log = new();

    private string Path => _rig.In("host.pem");

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Changed_certificate_is_shown_from_then_on()
    {
        using var first = PoolCertificates.SignedBySelf();
        using var second = PoolCertificates.SignedBySelf();
        var file = new CertificateFile(PoolCertificates.WritePem(Path, first), _log);

        Assert.Equal(first.Thumbprint, file.Current.TargetCertificate.Thumbprint);
        PoolCertificates.WritePem(Path, second);

        Assert.Equal(second.Thumbprint, file.Current.TargetCertificate.Thumbprint);
        Assert.Contains(CertificatePin.Of(second).ToString(), Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Certificate_from_before_is_shown_while_the_file_cannot_be_used()
    {
        using var first = PoolCertificates.SignedBySelf();
        using var second = PoolCertificates.SignedBySelf();
        var file = new CertificateFile(PoolCertificates.WritePem(Path, first), _log);

        PoolCertificates.WriteBundle(Path, second);
        Assert.Equal(first.Thumbprint, file.Current.TargetCertificate.Thumbprint);
        Assert.Equal(first.Thumbprint, file.Current.TargetCertificate.Thumbprint);
        Assert.Contains("the one before is shown still", Assert.Single(_log.Lines), StringComparison.Ordinal);
        File.Delete(Path);
        Assert.Equal(first.Thumbprint, file.Current.TargetCertificate.Thumbprint);
        PoolCertificates.WritePem(Path, second);

        Assert.Equal(second.Thumbprint, file.Current.TargetCertificate.Thumbprint);
    }

    [Fact]
    public void File_without_a_certificate_and_its_key_is_refused_with_the_reason()
    {
        using var certificate = PoolCertificates.SignedBySelf();

        Assert.Contains(Path, Assert.ThrowsAny<IOException>(() => new CertificateFile(Path, _log)).Message, StringComparison.Ordinal);
        PoolCertificates.WriteBundle(Path, certificate);
        Assert.Contains("private key", Assert.Throws<IOException>(() => new CertificateFile(Path, _log)).Message, StringComparison.Ordinal);
        File.WriteAllText(Path, "");
        Assert.Contains(Path, Assert.Throws<IOException>(() => new CertificateFile(Path, _log)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fifo_in_the_place_of_the_certificate_is_refused_and_nobody_waits_for_a_writer()
    {
        _rig.MakeFifo("fifo");

        var e = await Assert.ThrowsAsync<IOException>(() => Task.Run(() => new CertificateFile(_rig.In("fifo"), _log)).WaitAsync(PeerRig.Deadline));

        Assert.Equal($"{_rig.In("fifo")}: it is a FIFO, a socket or a device; put a file there", e.Message);
    }

    [Fact]
    public void Missing_certificate_is_said_in_plain_words() =>
        Assert.Equal($"{Path}: no such file or directory", Assert.Throws<IOException>(() => new CertificateFile(Path, _log)).Message);

    [Fact]
    public void Certificate_with_the_key_of_another_is_refused()
    {
        using var first = PoolCertificates.SignedBySelf();
        using var second = PoolCertificates.SignedBySelf();
        string other = File.ReadAllText(PoolCertificates.WritePem(Path, second));
        File.WriteAllText(Path, first.ExportCertificatePem() + "\n" + other[other.IndexOf("-----BEGIN PRIVATE", StringComparison.Ordinal)..]);

        Assert.Throws<IOException>(() => new CertificateFile(Path, _log));
    }
}
