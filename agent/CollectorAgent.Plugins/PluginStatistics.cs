using CollectorAgent.Native;
using CollectorAgent.Protocol;

namespace CollectorAgent.Plugins;

/// <summary>A sample page in the agent's own memory: what each plugin uses, as data sources of the host.</summary>
/// <param name="paths">Where the pages of plugins are.</param>
/// <param name="figures">What is known of the pages that are read, by uid.</param>
public sealed class PluginStatistics(AgentPaths paths, Func<IReadOnlyDictionary<string, PageFigures>> figures) : IPageSource
{
    private readonly Dictionary<string, PluginSources> _sources = [];

    // Before the first sample: one of long ago, which is no news.
    private volatile byte[] _page = PageWriter.Version2(1, [], []);

    public int Read(long offset, Span<byte> buffer)
    {
        var rest = _page.AsSpan((int)Math.Min(offset, _page.Length));
        rest = rest[..Math.Min(rest.Length, buffer.Length)];
        rest.CopyTo(buffer);
        return rest.Length;
    }

    /// <summary>Publishes one sample.</summary>
    /// <param name="timestamp">In Unix seconds.</param>
    /// <param name="plugins">Those whose folder cannot be read are left out.</param>
    public void Publish(double timestamp, IReadOnlyList<PluginRunReport> plugins)
    {
        var pages = figures();
        var sources = new List<ReportedSource>();
        var values = new List<long>();
        foreach (var plugin in plugins.Where(p => p.State != PluginRunState.Wrong))
        {
            if (!_sources.TryGetValue(plugin.Name, out var known))
            {
                _sources[plugin.Name] = known = new PluginSources(plugin.Name);
            }
            bool isRunning = plugin.State == PluginRunState.Running;
            var read = plugin.Manifest!.Pages.Where(pages.ContainsKey).Select(p => pages[p]).ToList();
            Add(known.Running, isRunning ? 1 : 0);
            Add(known.Restarts, plugin.Restarts);
            Add(known.CpuUsage, plugin.CpuSecondsPerTick / SocketRpc.StepSeconds);
            Add(known.Memory, isRunning ? plugin.ResidentBytes : double.NaN);
            Add(known.Processes, isRunning ? plugin.Processes : double.NaN);
            Add(known.DataSources, read.Count > 0 ? read.Sum(r => r.Sources) : double.NaN);
            Add(known.PageBytes, plugin.Manifest.Pages.Sum(PageBytes));
            Add(known.ReadDuration, read.Count > 0 ? read.Sum(r => r.ReadSeconds) : double.NaN);
        }
        foreach (string gone in _sources.Keys.Except(plugins.Select(p => p.Name)).ToList())
        {
            _sources.Remove(gone);
        }
        _page = PageWriter.Version2(timestamp, sources, values.ToArray());

        void Add(ReportedSource source, double value)
        {
            sources.Add(source);
            values.Add(BitConverter.DoubleToInt64Bits(value));
        }
    }

    private double PageBytes(string uid)
    {
        try
        {
            return PosixFile.Status(paths.Page(uid)).SizeBytes;
        }
        catch (PosixException)
        {
            return 0;
        }
    }

    private sealed class PluginSources(string name)
    {
        public ReportedSource Running { get; } = Source(name, "running", "count", "1 while a process of the plugin runs, else 0.");

        public ReportedSource Restarts { get; } = Source(name, "restarts", "count", "How often the plugin was started again.");

        public ReportedSource CpuUsage { get; } = Source(name, "cpu_usage", "(fraction)", "CPUs that the plugin's processes kept busy.");

        public ReportedSource Memory { get; } = Source(name, "memory", "B", "What the plugin's processes have in memory.");

        public ReportedSource Processes { get; } = Source(name, "processes", "count", "How many processes the plugin has.");

        public ReportedSource DataSources { get; } = Source(name, "data_sources", "count", "How many data sources the plugin reports.");

        public ReportedSource PageBytes { get; } = Source(name, "page_bytes", "B", "Length of the plugin's pages.");

        public ReportedSource ReadDuration { get; } = Source(name, "read_duration", "s", "How long the last look at the plugin's pages took.");

        private static ReportedSource Source(string plugin, string what, string units, string description) =>
            new($"plugin_{plugin}_{what}") { Type = ReportedType.Gauge, IsDefault = true, Min = 0, Units = units, Description = description };
    }
}
