using System.Globalization;
using System.Runtime.InteropServices;
using CollectorAgent.Rrd;

namespace CollectorAgent.Benchmarks;

/// <summary>One file of the real librrd, fed with the <see cref="Workload"/>.</summary>
/// <remarks>Samples are texts, as librrd takes them. They are made beforehand; an update writes no more than their time.</remarks>
internal sealed unsafe partial class Librrd : IDisposable
{
    /// <summary>Most steps in one call.</summary>
    public const int MostSteps = 5 * Workload.Cycle;

    private const string Library = "librrd.so.8";
    private const int TimeDigits = 10;

    // It refuses 1.
    private const double LargestXff = 0.99;

    private readonly string _path;
    private readonly nint[] _texts;
    private readonly nint[] _arguments = new nint[MostSteps];

    public Librrd(string path, ArchiveLayout layout, int count)
    {
        _path = path;
        string offset = Workload.SampleOffsetSeconds.ToString(".0", CultureInfo.InvariantCulture);
        _texts =
        [
            .. Enumerable.Range(0, MostSteps).Select(step =>
                Marshal.StringToCoTaskMemUTF8(new string('0', TimeDigits) + offset + Values(count, step % Workload.Cycle))),
        ];
        string[] definitions =
        [
            .. Workload.Columns(count).Select(c => $"DS:{c.Name}:{c.Type.ToString().ToUpperInvariant()}:{DataSource.StandardHeartbeatSeconds}:U:U"),
            .. layout.Rras.Select(r => string.Create(
                CultureInfo.InvariantCulture, $"RRA:{r.Function.ToString().ToUpperInvariant()}:{Math.Min(r.Xff, LargestXff)}:{r.PdpPerCdp}:{r.Rows}")),
        ];
        Check(rrd_create_r(path, (nuint)layout.StepSeconds, (nint)(Workload.FirstStep * layout.StepSeconds), definitions.Length, definitions));
    }

    public static bool IsMissing => !NativeLibrary.TryLoad(Library, out _);

    public long SizeBytes => new FileInfo(_path).Length;

    /// <summary>Takes the samples of some steps in one call, which opens the file and writes to it.</summary>
    /// <param name="last">The newest step.</param>
    public void Update(long last, int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            long step = last - steps + 1 + i;
            nint text = _texts[step % MostSteps];
            (step * ArchiveLayout.StandardStepSeconds).TryFormat(new Span<byte>((void*)text, TimeDigits), out _);
            _arguments[i] = text;
        }
        fixed (nint* arguments = _arguments)
        {
            Check(rrd_update_r(_path, 0, steps, arguments));
        }
    }

    /// <summary>Writes the whole of a file as XML.</summary>
    public static void Dump(string path, string document) => Check(rrd_dump_r(path, document));

    public void Dispose()
    {
        foreach (nint text in _texts)
        {
            Marshal.FreeCoTaskMem(text);
        }
        File.Delete(_path);
    }

    /// <summary>A sample as it stands behind its time.</summary>
    public static string Values(int count, int sample) => string.Concat(Enumerable.Range(0, count).Select(c => string.Create(
        CultureInfo.InvariantCulture, $":{(Workload.IsGauge(c) ? Workload.Gauge(c, sample) : Workload.Derive(c, sample))}")));

    private static void Check(int result)
    {
        if (result != 0)
        {
            throw new InvalidOperationException($"librrd: {Marshal.PtrToStringUTF8(rrd_get_error())}");
        }
    }

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rrd_create_r(string path, nuint step, nint lastUpdate, int count, string[] definitions);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rrd_update_r(string path, nint template, int count, nint* arguments);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rrd_dump_r(string path, string document);

    [LibraryImport(Library)]
    private static partial nint rrd_get_error();
}
