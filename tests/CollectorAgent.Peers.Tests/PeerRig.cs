using System.Diagnostics;
using System.Text;
using CollectorAgent.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace CollectorAgent.Peers.Tests;

/// <summary>A host with its files, and a clock that stands still.</summary>
internal sealed class PeerRig : IDisposable
{
    public const string Secret = "7f1e/secret/93ab";
    public const string Uuid = "11111111-0000-4000-8000-000000000001";

    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-peers-");

    public PeerRig()
    {
        File.WriteAllText(SecretFile, Secret + "\n");
        File.SetUnixFileMode(SecretFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Options = new PeerOptions(In("ca.pem"));
    }

    public ManualTime Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public PeerOptions Options { get; set; }

    public string SecretFile => In("ptoken");

    public string In(string name) => Path.Combine(_folder.FullName, name);

    public void MakeFifo(string name)
    {
        using var mkfifo = Process.Start("mkfifo", In(name));
        mkfifo.WaitForExit();
    }

    public PeerClient Client() => new(
        Options, new PoolSecret(SecretFile, NullLogger.Instance), "1.2.3", Time, NullLogger.Instance);

    /// <summary>A receiver whose certificate the pool knows.</summary>
    public async Task<OldReceiver> ReceiverAsync(string behaviour)
    {
        using var certificate = PoolCertificates.SignedBySelf();
        PoolCertificates.WriteBundle(Options.CaFile, certificate);
        return await OldReceiver.StartAsync(PoolCertificates.WritePem(In("receiver.pem"), certificate), behaviour);
    }

    public Task<PeerReceipt> PutAsync(OldReceiver to, string document = "<rrd></rrd>", PeerCredential? credential = null) =>
        PutAsync(to, new MemoryStream(Encoding.UTF8.GetBytes(document)), credential);

    public Task<PeerReceipt> PutAsync(OldReceiver to, Stream document, PeerCredential? credential = null) =>
        Client().PutAsync(to.Address, credential ?? PeerCredential.PoolSecret, Uuid, isArchive: true, document, document.Length, CancellationToken.None)
            .WaitAsync(Deadline);

    /// <summary>What a transfer fails with, in which there is no secret.</summary>
    public static async Task<string> FailureAsync(Task transfer)
    {
        var e = await Assert.ThrowsAsync<PeerException>(() => transfer);
        Assert.DoesNotContain(Secret, e.ToString(), StringComparison.Ordinal);
        Assert.Null(e.InnerException);
        return e.Message;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
