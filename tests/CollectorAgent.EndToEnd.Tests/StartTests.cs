using System.Net;
using System.Net.Sockets;
using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>Starts that fail: one sentence that says what is wrong and what to do, the exit code of docs/operating.md, and nothing
/// else.</summary>
public sealed class StartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Root => Path.Combine(_folder.Path, "root");

    private string SomeFile => Path.Combine(_folder.Path, "file");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task Port_that_is_taken() => WithTakenPortAsync("--listen");

    [Fact]
    public Task Address_that_this_host_does_not_have() => FailsAsync(
        1, ["--listen", "192.0.2.1:9780"], "Cannot listen on 192.0.2.1:9780: cannot assign requested address", "--listen ADDRESS:PORT");

    [Fact]
    public async Task Address_among_others_is_named()
    {
        await FailsAsync(1, ["--listen", Free(), "--listen", "192.0.2.1:9780"], "Cannot listen on 192.0.2.1:9780: ", "--listen");
        string twice = Free();
        await FailsAsync(1, ["--listen", twice, "--listen", twice], $"Cannot listen on {twice}: ", "--listen");
    }

    [Theory]
    [InlineData("--root", "{file}", "is a file")]
    [InlineData("--root", "{file}/below", "is a file")]
    [InlineData("--root", "/proc/nowhere", "cannot be made")]
    [InlineData("--root", "/sys/nowhere", "cannot be made")]
    [InlineData("--root", "/dev/null", "cannot be made")]
    public async Task Root_that_cannot_be_one(string option, string value, string expected)
    {
        await File.WriteAllTextAsync(SomeFile, "");

        string root = value.Replace("{file}", SomeFile, StringComparison.Ordinal);
        await FailsAsync(1, [option, root], expected, "Choose another root with --root DIR");
    }

    [Theory]
    [InlineData("var")]
    [InlineData("var/lib/collector-agent")]
    [InlineData("var/lib/collector-agent/rrds")]
    [InlineData("var/lib/xcp")]
    [InlineData("var/xapi")]
    [InlineData("dev/shm/metrics")]
    public async Task SomeFilewhere_a_folder_has_to_be(string path)
    {
        string file = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, "");

        await FailsAsync(1, [], file);
    }

    [Theory]
    [InlineData("var/lib/xcp/xcp-rrdd")]
    [InlineData("var/lib/xcp/xcp-rrdd.forwarded")]
    [InlineData("var/xapi/xcp-rrdd")]
    [InlineData("var/lib/collector-agent/lock")]
    [InlineData("var/lib/collector-agent/host-uuid")]
    public async Task Folder_where_a_file_has_to_be(string path)
    {
        string folder = Directory.CreateDirectory(Path.Combine(Root, path)).FullName;
        Directory.CreateDirectory(Path.Combine(folder, "inside"));

        await FailsAsync(1, [], folder);
    }

    [RootFact]
    public async Task Root_on_a_disk_that_cannot_be_written_or_is_full()
    {
        string mount = Directory.CreateDirectory(Path.Combine(_folder.Path, "disk")).FullName;
        using var disk = new SmallDisk(mount);
        disk.Fill(0);
        await FailsAsync(1, ["--root", mount], "no space left on device", "--root");
        disk.Free();
        await FailsInShellAsync(
            1, $"mount -o remount,ro {mount}", ["--root", mount], "read-only file system", "--root");
    }

    [RootFact]
    public async Task User_without_a_home_is_told_to_name_a_root_and_user_without_rights_to_name_another()
    {
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_111_111);
        Directory.CreateDirectory(Root);

        var closed = await RunAsNobodyAsync("HOME=/", $"--root {Root}/closed");
        var homeless = await RunAsNobodyAsync("-u HOME");
        var empty = await RunAsNobodyAsync("HOME=");
        var relative = await RunAsNobodyAsync("HOME=here XDG_STATE_HOME=there");

        AssertSentence(1, closed, "permission denied", "--root DIR");
        AssertSentence(1, homeless, "--root DIR");
        AssertSentence(1, empty, "--root DIR");
        AssertSentence(1, relative, "This user has no home folder", "--root DIR");
        Assert.Equal(["root"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName));

        Task<(int ExitCode, string Errors)> RunAsNobodyAsync(string environment, string options = "")
        {
            string asNobody = $"env -u XDG_STATE_HOME {environment} setpriv --reuid=65534 --regid=65534 --clear-groups";
            return AgentProcess.RunInShellToEndAsync($"cd {_folder.Path}; exec {asNobody} \"$0\" {options} --listen none");
        }
    }

    [Theory]
    [InlineData(32)]
    [InlineData(64)]
    [InlineData(90)]
    [InlineData(128)]
    [InlineData(200)]
    [InlineData(511)]
    public async Task Too_few_descriptors(int limit) => await FailsInShellAsync(
        1, $"ulimit -n {limit}", [], $"Only {limit} files may be open at once", "Raise the limit with 'ulimit -n'");

    [Theory]
    [InlineData("--root", "")]
    [InlineData("--root", " ")]
    [InlineData("--plugins", "")]
    [InlineData("--certificate", "")]
    [InlineData("--pool-secret", "")]
    [InlineData("--pool-ca", "")]
    [InlineData("--listen", "")]
    [InlineData("--listen-tls", "")]
    [InlineData("--allow-host", "")]
    [InlineData("--allow-host", " ")]
    [InlineData("--record-vms", "")]
    [InlineData("--pin", "")]
    [InlineData("--insecure", "")]
    public async Task Empty_value_of_an_option(string option, string value) => await FailsAsync(2, [option, value], option + ":");

    [Theory]
    [InlineData("'--nonsense'", "--nonsense")]
    [InlineData("'--root'", "--root")]
    [InlineData("'stray'", "stray")]
    [InlineData("'@stray'", "@stray")]
    [InlineData("--root", "--root", "/a", "--root", "/b")]
    [InlineData("--record-vms: 'all' is neither", "--record-vms", "all")]
    [InlineData("--listen: '127.0.0.1:0' has no port", "--listen", "127.0.0.1:0")]
    [InlineData("--listen-tls: '[::1]:0' has no port", "--listen-tls", "[::1]:0")]
    [InlineData("--allow-host: 'http://a' is not a host name", "--allow-host", "http://a")]
    public async Task Options_that_are_none(string expected, params string[] arguments)
    {
        var result = await AgentProcess.RunToEndAsync(arguments);

        AssertSentence(2, result, expected);
    }

    [Fact]
    public async Task Certificate_that_is_missing()
    {
        await FailsAsync(
            1, ["--listen-tls", Free()], "cannot be used: ", "xapi-pool-tls.pem: no such file or directory. ", "--certificate FILE");
    }

    [Fact]
    public async Task Certificate_that_is_a_fifo_is_not_waited_for()
    {
        Directory.CreateDirectory(Root);
        string fifo = Path.Combine(Root, "fifo");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", fifo))
        {
            await mkfifo.WaitForExitAsync();
        }

        await FailsAsync(1, ["--listen-tls", Free(), "--certificate", fifo], $"{fifo}: it is a FIFO, a socket or a device");
    }

    private static string Free()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return probe.LocalEndpoint.ToString()!;
    }

    private async Task WithTakenPortAsync(string option)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        string address = taken.LocalEndpoint.ToString()!;
        await FailsAsync(1, [option, address], $"Cannot listen on {address}: address already in use", "--listen ADDRESS:PORT");
    }

    private async Task FailsAsync(int exitCode, string[] arguments, params string[] expected)
    {
        string[] all = arguments.Contains("--root") ? arguments : ["--root", Root, .. arguments];
        AssertSentence(exitCode, await AgentProcess.RunToEndAsync(all.Contains("--listen") ? all : [.. all, "--listen", "none"]), expected);
    }

    private async Task FailsInShellAsync(int exitCode, string setup, string[] arguments, params string[] expected)
    {
        string[] all = arguments.Contains("--root") ? arguments : ["--root", Root, .. arguments];
        AssertSentence(exitCode, await AgentProcess.RunInShellToEndAsync(setup, [.. all, "--listen", "none"]), expected);
    }

    private static void AssertSentence(int exitCode, (int ExitCode, string Errors) result, params string[] expected)
    {
        Assert.True(exitCode == result.ExitCode, $"{result.ExitCode}: {result.Errors}");
        string line = Assert.Single(result.Errors.TrimEnd('\n').Split('\n'));
        Assert.StartsWith("collector-agent: ", line, StringComparison.Ordinal);
        Assert.All(expected, text => Assert.Contains(text, line, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", line, StringComparison.Ordinal);
        Assert.EndsWith(".", line, StringComparison.Ordinal);
    }
}
