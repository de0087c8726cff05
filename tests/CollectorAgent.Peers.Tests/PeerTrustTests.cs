using System.Security.Cryptography.X509Certificates;
using CollectorAgent.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace CollectorAgent.Peers.Tests;

/// <summary>Which certificates are accepted, over real TLS.</summary>
public sealed class PeerTrustTests : IDisposable
{
    private readonly PeerRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [PythonFact]
    public async Task Certificate_that_the_pool_has_signed_is_accepted_whatever_address_it_names()
    {
        using var authority = PoolCertificates.Authority();
        using var certificate = PoolCertificates.SignedBy(authority);
        PoolCertificates.WriteBundle(_rig.Options.CaFile, authority);

        Assert.Equal(PeerReceipt.Taken, await PutAsync(certificate));
    }

    [PythonFact]
    public async Task Certificate_that_is_in_the_bundle_itself_is_accepted()
    {
        using var authority = PoolCertificates.Authority();
        using var signedBySelf = PoolCertificates.SignedBySelf();
        using var signedByAnother = PoolCertificates.SignedBy(authority);
        PoolCertificates.WriteBundle(_rig.Options.CaFile, signedByAnother, signedBySelf);

        Assert.Equal(PeerReceipt.Taken, await PutAsync(signedBySelf));
        Assert.Equal(PeerReceipt.Taken, await PutAsync(signedByAnother));
    }

    [PythonFact]
    public async Task Certificate_that_the_pool_does_not_know_is_refused()
    {
        using var authority = PoolCertificates.Authority();
        using var other = PoolCertificates.Authority();
        using var stranger = PoolCertificates.SignedBySelf();
        using var othersHost = PoolCertificates.SignedBy(other);
        PoolCertificates.WriteBundle(_rig.Options.CaFile, authority);

        foreach (var certificate in new[] { stranger, othersHost })
        {
            string message = await PeerRig.FailureAsync(PutAsync(certificate));
            Assert.Contains($"shows a certificate that {_rig.Options.CaFile} neither has nor has signed", message, StringComparison.Ordinal);
            Assert.Contains(CertificatePin.Of(certificate).ToString(), message, StringComparison.Ordinal);
        }
    }

    [PythonFact]
    public async Task Host_of_the_bundle_cannot_sign_for_others()
    {
        using var member = PoolCertificates.SignedBySelf();
        using var forged = PoolCertificates.ForgedBy(member);
        PoolCertificates.WriteBundle(_rig.Options.CaFile, member);

        Assert.Contains("neither has nor has signed", await PeerRig.FailureAsync(PutAsync(forged)), StringComparison.Ordinal);
    }

    [PythonFact]
    public async Task Fifo_or_device_in_the_place_of_the_bundle_is_refused_and_nobody_waits_for_it()
    {
        using var certificate = PoolCertificates.SignedBySelf();
        _rig.MakeFifo("fifo");
        foreach (string bundle in new[] { _rig.In("fifo"), "/dev/zero" })
        {
            _rig.Options = new PeerOptions(bundle);
            Assert.Contains($"{bundle}: it is a FIFO, a socket or a device", await PeerRig.FailureAsync(PutAsync(certificate)), StringComparison.Ordinal);
        }
    }

    [PythonFact]
    public async Task Expired_certificate_is_refused_even_where_it_is_known()
    {
        var end = _rig.Time.GetUtcNow().AddDays(-1);
        using var authority = PoolCertificates.Authority();
        using var signed = PoolCertificates.SignedBy(authority, end);
        using var inBundle = PoolCertificates.SignedBySelf(end);
        PoolCertificates.WriteBundle(_rig.Options.CaFile, authority, inBundle);

        Assert.Contains("to 2025-12-31 00:00:00Z only", await PeerRig.FailureAsync(PutAsync(signed)), StringComparison.Ordinal);
        Assert.Contains("to 2025-12-31 00:00:00Z only", await PeerRig.FailureAsync(PutAsync(inBundle)), StringComparison.Ordinal);
        _rig.Options = _rig.Options with { Pins = [CertificatePin.Of(inBundle)] };
        Assert.Contains("to 2025-12-31 00:00:00Z only", await PeerRig.FailureAsync(PutAsync(inBundle)), StringComparison.Ordinal);
    }

    [PythonFact]
    public async Task Pinned_certificate_is_accepted_and_no_other()
    {
        using var pinned = PoolCertificates.SignedBySelf();
        using var other = PoolCertificates.SignedBySelf();
        // With a pin the bundle does not count.
        PoolCertificates.WriteBundle(_rig.Options.CaFile, other);
        _rig.Options = _rig.Options with { Pins = [CertificatePin.Of(pinned)] };

        Assert.Equal(PeerReceipt.Taken, await PutAsync(pinned));
        Assert.Contains("shows a certificate that is not the one of --pin", await PeerRig.FailureAsync(PutAsync(other)), StringComparison.Ordinal);
    }

    [PythonFact]
    public async Task Without_anything_to_check_by_nothing_is_sent()
    {
        using var certificate = PoolCertificates.SignedBySelf();

        string missing = await PeerRig.FailureAsync(PutAsync(certificate));
        await File.WriteAllTextAsync(_rig.Options.CaFile, "no certificate");
        string empty = await PeerRig.FailureAsync(PutAsync(certificate));

        foreach (string message in new[] { missing, empty })
        {
            Assert.Contains(_rig.Options.CaFile, message, StringComparison.Ordinal);
            Assert.EndsWith("Set --pool-ca FILE, or --pin SHA256 of the peer's certificate.", message, StringComparison.Ordinal);
        }
    }

    [PythonFact]
    public async Task Bundle_is_read_anew_for_each_transfer()
    {
        using var certificate = PoolCertificates.SignedBySelf();
        using var other = PoolCertificates.SignedBySelf();
        PoolCertificates.WriteBundle(_rig.Options.CaFile, other);
        using var peer = await OldReceiver.StartAsync(PoolCertificates.WritePem(_rig.In("receiver.pem"), certificate), "old");
        var client = _rig.Client();

        await PeerRig.FailureAsync(PutAsync(client, peer));
        PoolCertificates.WriteBundle(_rig.Options.CaFile, other, certificate);

        Assert.Equal(PeerReceipt.Taken, await PutAsync(client, peer));
    }

    [PythonFact]
    public async Task Insecure_accepts_anything_and_says_so_at_the_start()
    {
        using var certificate = PoolCertificates.SignedBySelf(_rig.Time.GetUtcNow().AddDays(-1));
        _rig.Options = _rig.Options with { InsecureReason = "certificates come next week" };
        var log = new CapturedLog();

        _ = new PeerClient(_rig.Options, new PoolSecret(_rig.SecretFile, NullLogger.Instance), "1", _rig.Time, log);

        Assert.Contains("certificates come next week", Assert.Single(log.Lines), StringComparison.Ordinal);
        Assert.Equal(PeerReceipt.Taken, await PutAsync(certificate));
    }

    [Fact]
    public void Insecure_needs_a_reason_and_no_pin()
    {
        Assert.True(CertificatePin.TryParse(new string('a', 64), out var pin));

        Assert.Throws<ArgumentException>(() => (_rig.Options with { InsecureReason = " " }).Validate());
        Assert.Throws<ArgumentException>(() => (_rig.Options with { InsecureReason = "a", Pins = [pin] }).Validate());
        _rig.Options.Validate();
    }

    [Fact]
    public void Pin_is_what_openssl_prints()
    {
        const string Printed = "E3:B0:C4:42:98:FC:1C:14:9A:FB:F4:C8:99:6F:B9:24:27:AE:41:E4:64:9B:93:4C:A4:95:99:1B:78:52:B8:55";

        Assert.True(CertificatePin.TryParse(Printed, out var pin));
        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", pin.ToString());
        Assert.False(CertificatePin.TryParse(Printed[3..], out _));
        Assert.False(CertificatePin.TryParse("g" + pin.ToString()[1..], out _));
    }

    private async Task<PeerReceipt> PutAsync(X509Certificate2 certificate)
    {
        using var peer = await OldReceiver.StartAsync(PoolCertificates.WritePem(_rig.In("receiver.pem"), certificate), "old");
        return await _rig.PutAsync(peer);
    }

    private static Task<PeerReceipt> PutAsync(PeerClient client, OldReceiver peer) => client.PutAsync(
        peer.Address, PeerCredential.PoolSecret, PeerRig.Uuid, isArchive: true, new MemoryStream("<rrd></rrd>"u8.ToArray()), 11, CancellationToken.None);
}
