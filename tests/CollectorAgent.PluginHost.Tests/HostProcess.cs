using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using CollectorAgent.Protocol;

namespace CollectorAgent.PluginHost.Tests;

/// <summary>A real plugin host on a folder and a root of its own; there is no agent, which it has to bear.</summary>
internal sealed class HostProcess : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(20);

    private readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("ca-");
    private readonly Channel<string> _output = Channel.CreateUnbounded<string>();
    private readonly Channel<string> _errors = Channel.CreateUnbounded<string>();
    private Process? _process;

    public HostProcess()
    {
        Folder = _scratch.CreateSubdirectory("plugin").FullName;
        Paths = new AgentPaths(Path.Combine(_scratch.FullName, "root"));
    }

    /// <summary>The plugin's folder.</summary>
    public string Folder { get; }

    public AgentPaths Paths { get; }

    public string Page => Paths.Page("p");

    public int Pid => _process!.Id;

    /// <summary>Puts a plugin of tests/plugins into the folder.</summary>
    public HostProcess WithAssembly(string project, params string[] arguments)
    {
        foreach (string file in Directory.EnumerateFiles(PluginFixture.Folder(project)))
        {
            File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)));
        }
        return WithManifest($$"""{"name":"p","assembly":"{{project}}.dll","arguments":[{{string.Join(',', arguments.Select(a => $"\"{a}\""))}}]}""");
    }

    /// <summary>Puts a script into the folder.</summary>
    public HostProcess WithScript(string script)
    {
        string path = Path.Combine(Folder, "run");
        File.WriteAllText(path, script);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return WithManifest("""{"name":"p","executable":"run","output":"lines"}""");
    }

    public HostProcess WithManifest(string manifest)
    {
        File.WriteAllText(Path.Combine(Folder, PluginManifest.FileName), manifest);
        return this;
    }

    public HostProcess Start() => StartWith(Folder);

    public HostProcess StartWith(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "collector-plugin-host"), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[PluginEnvironment.Root] = Paths.Root;
        start.Environment[PluginEnvironment.Lifeline] = PluginEnvironment.LifelineIsInput;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Note(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Note(_errors, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        return this;
    }

    /// <summary>The next line on standard output with this text in it.</summary>
    public Task<string> SaysAsync(string text) => NextAsync(_output.Reader, text);

    /// <summary>The next line on standard error with this text in it.</summary>
    public Task<string> ComplainsAsync(string text) => NextAsync(_errors.Reader, text);

    /// <summary>Waits for a page that is as wanted.</summary>
    public async Task<PageReader> PageAsync(Func<PageReader, bool>? isWanted = null)
    {
        var reader = new PageReader();
        using var deadline = new CancellationTokenSource(Deadline);
        while (!File.Exists(Page) || reader.Read(new FilePage(Page)) != PageStatus.Ok || isWanted?.Invoke(reader) == false)
        {
            Assert.False(_process!.HasExited, "the host ended");
            await Task.Delay(LookAgainAfter, TimeProvider.System, deadline.Token);
        }
        return reader;
    }

    /// <summary>Waits for the end.</summary>
    public async Task<(int ExitCode, string Errors)> EndAsync()
    {
        await _process!.WaitForExitAsync().WaitAsync(Deadline);
        _errors.Writer.Complete();
        return (_process.ExitCode, string.Join('\n', await _errors.Reader.ReadAllAsync().ToListAsync()));
    }

    public async Task<int> TerminateAsync()
    {
        using (Process.Start("kill", ["-TERM", _process!.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await _process.WaitForExitAsync().WaitAsync(Deadline);
        }
        return _process.ExitCode;
    }

    public void CloseLifeline() => _process!.StandardInput.Close();

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }
        _process?.Dispose();
        _scratch.Delete(recursive: true);
    }

    private static void Note(Channel<string> lines, string? line)
    {
        if (line is not null)
        {
            lines.Writer.TryWrite(line);
        }
    }

    private static async Task<string> NextAsync(ChannelReader<string> lines, string text)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (true)
        {
            string line = await lines.ReadAsync(deadline.Token);
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return line;
            }
        }
    }
}
