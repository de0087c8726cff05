using System.Buffers.Text;
using CollectorAgent.Protocol;
using CollectorAgent.Sdk;

namespace CollectorAgent.HostPlugin;

/// <summary>The load average over one minute, from <c>loadavg</c>.</summary>
internal sealed class LoadAverage(string procRoot)
{
    private readonly KernelFile _file = new(Path.Combine(procRoot, "loadavg"));

    private readonly ReportedSource _load = new("loadavg")
    {
        Type = ReportedType.Gauge,
        Units = "(fraction)",
        IsDefault = true,
        Description = "Mean number of tasks that ran, waited for a processor or for a disk over the last minute.",
    };

    public void Report(SampleBatch batch)
    {
        double load = double.NaN;
        try
        {
            load = Read();
        }
        finally
        {
            batch.Report(_load, load);
        }
    }

    private double Read()
    {
        var field = new FieldReader(_file.Read()).Next();
        return Utf8Parser.TryParse(field, out double load, out int used) && used == field.Length && double.IsFinite(load)
            ? load
            : throw new MalformedFileException(_file.Path, "the first field is no number");
    }
}
