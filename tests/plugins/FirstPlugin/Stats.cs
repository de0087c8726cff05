using System.Globalization;
using System.Runtime.InteropServices;
using CollectorAgent.Protocol;
using CollectorAgent.Sdk;

namespace FirstPlugin;

/// <summary>Reports what it was given, and what its dependency answers; its argument says what goes wrong.</summary>
public sealed class Stats(PluginContext context) : IStatsPlugin, IDisposable
{
    private readonly ReportedSource _answer = new("answer") { Type = ReportedType.Gauge, IsDefault = true };
    private readonly ReportedSource _context = new($"{context.Name}_{Path.GetFileName(context.Folder)}") { Type = ReportedType.Gauge };

    private string Order => context.Arguments.Count > 0 ? context.Arguments[0] : "";

    public void Collect(SampleBatch batch)
    {
        switch (Order)
        {
            case "crash":
                throw new InvalidOperationException("a bug of its own");
            case "no-file":
                throw new FileNotFoundException("nothing to read", "/proc/nothing");
            case "native":
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"cosine {Cosine(0)}"));
                break;
            default:
                Console.WriteLine("collected");
                break;
        }
        batch.Report(_context, (double)context.Arguments.Count);
        ReportAnswer(batch);
    }

    public void Dispose() => Console.WriteLine("disposed of");

    // Apart, so that it is only this that cannot run without the dependency.
    private void ReportAnswer(SampleBatch batch) => batch.Report(_answer, PrivateDependency.Answer.Of1);

    [DllImport("privatemath", EntryPoint = "cos")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static extern double Cosine(double angle);
}
