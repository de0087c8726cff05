using CollectorAgent.Protocol;
using CollectorAgent.Sdk;
using CollectorAgent.TestKit;

namespace CollectorAgent.HostPlugin.Tests;

/// <summary>A copy of a fixture's procfs and sysfs, and the plugin measuring it into a sample page.</summary>
internal sealed class FixtureHost : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("host-plugin-").FullName;
    private readonly SamplePage _page;
    private readonly PageReader _reader = new();
    private readonly HostStats _stats;
    private readonly StringWriter _errors = new();
    private readonly ManualTime _time = new(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));

    public FixtureHost(string fixture)
    {
        BecomeLike(fixture);
        _page = new SamplePage(PagePath);
        _stats = new HostStats(Proc, Sys, _time, _errors);
    }

    public string Proc => Path.Combine(_folder, "proc");

    public string Sys => Path.Combine(_folder, "sys");

    /// <summary>What has been said on standard error, line by line.</summary>
    public string[] Errors => _errors.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private string PagePath => Path.Combine(_folder, "page");

    /// <summary>Replaces the trees by those of another fixture. Files that remain are written in place, as the kernel does.</summary>
    public void BecomeLike(string fixture)
    {
        string source = Repository.PathOf("tests/fixtures/host/" + fixture);
        foreach (string file in Directory.Exists(Proc) ? Directory.GetFiles(_folder, "*", SearchOption.AllDirectories) : [])
        {
            if (file != PagePath && !File.Exists(Path.Combine(source, Path.GetRelativePath(_folder, file))))
            {
                File.Delete(file);
            }
        }
        foreach (string file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(_folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllBytes(target, File.ReadAllBytes(file));
        }
    }

    /// <summary>Changes the one place of a file where a text stands.</summary>
    public void Edit(string path, string before, string after)
    {
        string text = File.ReadAllText(Path.Combine(_folder, path));
        Assert.Equal(2, text.Split(before).Length);
        Write(path, text.Replace(before, after, StringComparison.Ordinal));
    }

    public void Write(string path, string text)
    {
        string file = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    public void Delete(string path) => File.Delete(Path.Combine(_folder, path));

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
}
