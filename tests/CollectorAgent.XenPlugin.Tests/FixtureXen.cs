using System.Buffers.Binary;
using CollectorAgent.Protocol;
using CollectorAgent.Sdk;
using CollectorAgent.TestKit;

namespace CollectorAgent.XenPlugin.Tests;

/// <summary>The Xen host that tests/xen/run recorded, at its first moment, and the plugin measuring it into a sample page.</summary>
internal sealed class FixtureXen : IDisposable
{
    public const string Host = "host";
    public const string Control = "vm 0c0d0e0f-1111-4222-8333-444455556666";

    /// <summary>Domain 1: two vCPUs, a disk xvda and an interface.</summary>
    public const string Paravirtual = "vm a1b2c3d4-0001-4000-8000-000000000011";

    /// <summary>Domain 2: one vCPU, no devices.</summary>
    public const string Hardware = "vm a1b2c3d4-0002-4000-8000-000000000022";

    private readonly string _folder = Directory.CreateTempSubdirectory("xen-plugin-").FullName;
    private readonly SamplePage _page;
    private readonly PageReader _reader = new();
    private readonly XenStats _stats;
    private readonly StringWriter _errors = new();
    private readonly ManualTime _time = new(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));

    public FixtureXen()
    {
        BecomeLike("first");
        Directory.CreateDirectory(Path.Combine(_folder, "shm"));
        _page = new SamplePage(PagePath);
        _stats = new XenStats(Hypervisor, Xenstore, new XenPaths(Under("proc"), Under("sys"), Under("shm")), _time, _errors);
    }

    public RecordedHypervisor Hypervisor { get; } = new();

    public RecordedXenstore Xenstore { get; } = new();

    /// <summary>What has been said on standard error, line by line.</summary>
    public string[] Errors => _errors.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private string PagePath => Under("page");

    /// <summary>Goes to another recorded moment of the same host.</summary>
    public void BecomeLike(string moment)
    {
        string source = Repository.PathOf("tests/fixtures/xen/" + moment);
        Hypervisor.Load(Path.Combine(source, "hypervisor.txt"));
        Xenstore.Load(Path.Combine(source, "xenstore.txt"));
        foreach (string file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            Write(Path.GetRelativePath(source, file), File.ReadAllText(file));
        }
    }

    public void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Under(path))!);
        File.WriteAllText(Under(path), text);
    }

    public string Read(string path) => File.ReadAllText(Under(path)).Trim();

    public long ReadNumber(string path) => long.Parse(Read(path), System.Globalization.CultureInfo.InvariantCulture);

    public void Link(string path, string target) => File.CreateSymbolicLink(Under(path), target);

    public void DeleteFolder(string path) => Directory.Delete(Under(path), recursive: true);

    /// <summary>The values of one of the device's statistics files.</summary>
    public void WriteVif(string name, long receivedBytes, long sentBytes, long receiveErrors, long sendErrors)
    {
        (string, long)[] files = [("rx_bytes", receivedBytes), ("tx_bytes", sentBytes), ("rx_errors", receiveErrors), ("tx_errors", sendErrors)];
        foreach (var (file, value) in files)
        {
            Write($"sys/class/net/{name}/statistics/{file}", value + "\n");
        }
    }

    /// <summary>The page of a tapdisk with the id of this process, which runs.</summary>
    public void WriteTapdisk(string name, uint version, params ulong[] numbers)
    {
        byte[] page = new byte[TapdiskPage.Bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(page, version);
        for (int i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(8 + 8 * i), numbers[i]);
        }
        string folder = Under($"shm/td3-{Environment.ProcessId}");
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, name), page);
        Directory.CreateDirectory(Under($"proc/{Environment.ProcessId}"));
    }

    /// <summary>Publishes a sample.</summary>
    public void Publish() => _page.Publish((_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds, _stats.Report);

    /// <summary>Lets time pass, publishes a sample and reads it back.</summary>
    public Sample Take(double afterSeconds = 5)
    {
        _time.Advance(TimeSpan.FromSeconds(afterSeconds));
        Publish();
        using var page = new PageFile(PagePath);
        Assert.Equal(PageStatus.Ok, _reader.Read(page));
        return new Sample(_reader.Sources, _reader.Values);
    }

    public void Dispose()
    {
        _page.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string Under(string path) => Path.Combine(_folder, path);
}
