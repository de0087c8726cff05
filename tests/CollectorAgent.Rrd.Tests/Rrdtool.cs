using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Xml.Linq;

namespace CollectorAgent.Rrd.Tests;

/// <summary>The real rrdtool, one process that takes orders on its standard input.</summary>
internal sealed class Rrdtool : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rrdtool-");
    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    private Rrdtool()
    {
        _process = Process.Start(new ProcessStartInfo("rrdtool", "-")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.FullName,
            Environment = { ["LC_ALL"] = "C", ["TZ"] = "UTC" },
        })!;
        _process.ErrorDataReceived += (_, line) => _errors.AppendLine(line.Data);
        _process.BeginErrorReadLine();
    }

    public static Rrdtool Start() => new();

    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>Gives one order and takes its answer, without the closing line.</summary>
    public string Do(FormattableString order) => Do(order.ToString(CultureInfo.InvariantCulture));

    public string Do(string order)
    {
        _process.StandardInput.WriteLine(order);
        _process.StandardInput.Flush();
        var answer = new StringBuilder();
        while (true)
        {
            var line = _process.StandardOutput.ReadLineAsync();
            if (!line.Wait(Deadline) || line.Result is not { } text)
            {
                throw new TimeoutException($"rrdtool did not answer '{order}': {answer} {_errors}");
            }
            if (text.StartsWith("ERROR", StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"{text} to '{order}'");
            }
            if (text.StartsWith("OK ", StringComparison.Ordinal))
            {
                return answer.ToString();
            }
            answer.AppendLine(text);
        }
    }

    public void Create(string file, long start, ArchiveLayout layout, IEnumerable<DataSource> columns)
    {
        string Bound(double value) => double.IsFinite(value) ? Number(value) : "U";
        var dataSources = columns.Select(c =>
            $"DS:{c.Name}:{c.Type.ToString().ToUpperInvariant()}:{Number(c.HeartbeatSeconds)}:{Bound(c.Min)}:{Bound(c.Max)}");
        var rras = layout.Rras.Select(r => $"RRA:{r.Function.ToString().ToUpperInvariant()}:{Number(r.Xff)}:{r.PdpPerCdp}:{r.Rows}");
        Do($"create {file} --start {start} --step {layout.StepSeconds} {string.Join(' ', dataSources)} {string.Join(' ', rras)}");
    }

    /// <summary>All rings, oldest row first: RRA, row, column.</summary>
    public double[][][] Rings(string file)
    {
        var document = XDocument.Parse(Do($"dump {file}"));
        return [.. document.Root!.Elements("rra").Select(rra => rra.Element("database")!.Elements("row")
            .Select(row => row.Elements("v").Select(v => double.Parse(v.Value, CultureInfo.InvariantCulture)).ToArray()).ToArray())];
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(Deadline))
        {
            _process.Kill();
        }
        _process.Dispose();
        _folder.Delete(recursive: true);
    }
}
