using System.Globalization;
using System.IO.Pipelines;

namespace CollectorAgent.Rrd.Formats;

/// <summary>Writes a whole RRD as XML. See docs/formats/rrd-xml.md.</summary>
public static class RrdXmlWriter
{
    // In JSON a digit, two quotes and a comma.
    private const long LeastNumber = 4;

    /// <summary>A document of an RRD is at least this long, in either form.</summary>
    public static long LeastBytes(RrdSnapshot rrd) => rrd.DataSources.Count() * rrd.Layout.Rras.Sum(r => r.Rows * LeastNumber);

    /// <param name="rrd">What to write; rows are copied as the document gets to them.</param>
    /// <param name="form">For whom.</param>
    /// <param name="pipe">Flushed, not completed.</param>
    /// <exception cref="OperationCanceledException">The reader of the pipe is gone.</exception>
    public static async Task WriteAsync(RrdSnapshot rrd, RrdForm form, PipeWriter pipe, CancellationToken cancellationToken)
    {
        var output = new Utf8Output(pipe);
        output.Raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rrd><version>0003</version><step>"u8);
        output.Integer(rrd.Layout.StepSeconds);
        output.Raw("</step><lastupdate>"u8);
        output.Integer((long)rrd.LastUpdated);
        output.Raw("</lastupdate>"u8);
        foreach (var tile in rrd.Tiles)
        {
            for (int column = 0; column < tile.Columns.Count; column++)
            {
                WriteDataSource(output, tile, column, form);
                await output.FlushPortionAsync(cancellationToken);
            }
        }
        using var rows = new RowBlocks(rrd);
        for (int rra = 0; rra < rrd.Layout.Rras.Count; rra++)
        {
            await WriteRraHeadAsync(output, rrd, rra, form, cancellationToken);
            var definition = rrd.Layout.Rras[rra];
            long newest = rrd.LastStep / definition.PdpPerCdp - 1;
            for (long row = newest - definition.Rows + 1; row <= newest; row++)
            {
                await WriteRowAsync(output, rows.Row(rra, row), form, cancellationToken);
            }
            output.Raw("</database></rra>"u8);
        }
        output.Raw("</rrd>"u8);
        await output.FlushAsync(cancellationToken);
    }

    private static void WriteDataSource(Utf8Output output, TileSnapshot tile, int column, RrdForm form)
    {
        var source = tile.Columns[column];
        var scratch = tile.Scratch(column);
        output.Raw("<ds><name>"u8);
        output.XmlText(source.Name);
        output.Raw("</name><type>"u8);
        output.Text(TypeIn(form, source.Type).Name());
        output.Raw("</type><minimal_heartbeat>"u8);
        Number(output, source.HeartbeatSeconds, form);
        output.Raw("</minimal_heartbeat><min>"u8);
        Number(output, source.Min, form);
        output.Raw("</min><max>"u8);
        Number(output, source.Max, form);
        output.Raw("</max><last_ds>"u8);
        output.Text(LastText(source, scratch.Previous, form));
        output.Raw("</last_ds><value>"u8);
        Number(output, scratch.Value, form);
        output.Raw("</value><unknown_sec>"u8);
        if (form == RrdForm.Internal)
        {
            output.ExactNumber(scratch.UnknownSeconds);
            output.Raw("</unknown_sec><last_updated>"u8);
            output.ExactNumber(SampleTime(tile));
            output.Raw("</last_updated></ds>"u8);
        }
        else
        {
            output.Integer((long)scratch.UnknownSeconds);
            output.Raw("</unknown_sec></ds>"u8);
        }
    }

    /// <summary>Agents of another make know no counters, and would refuse the whole archive. The plugin says again what it is.</summary>
    private static DataSourceType TypeIn(RrdForm form, DataSourceType type) =>
        form == RrdForm.Internal && type == DataSourceType.Counter ? DataSourceType.Derive : type;

    /// <summary>When the last sample was taken. Where there is none to go on from, a time that cannot be it: it did not end the
    /// newest step.</summary>
    private static double SampleTime(TileSnapshot tile) =>
        double.IsNaN(tile.LastSampleTime) ? (tile.LastStep - 1.0) * tile.Layout.StepSeconds : tile.LastSampleTime;

    /// <summary>The last raw value. Readers have always seen an unknown one as 0.0; for ourselves we keep the difference, and a zero
    /// is 0.</summary>
    internal static string LastText(DataSource source, long? previous, RrdForm form)
    {
        if (previous is not { } raw)
        {
            return form == RrdForm.Internal ? "U" : "0.0";
        }
        if (source.IsInteger)
        {
            return source.Type == DataSourceType.Counter
                ? ((ulong)raw).ToString(CultureInfo.InvariantCulture)
                : raw.ToString(CultureInfo.InvariantCulture);
        }
        Span<byte> text = stackalloc byte[NumberFormat.MaxBytes];
        double value = BitConverter.Int64BitsToDouble(raw);
        if (value == 0 && form == RrdForm.Internal)
        {
            return "0";
        }
        int length = form == RrdForm.Internal ? NumberFormat.FormatExact(value, text) : NumberFormat.Format(value, text);
        return System.Text.Encoding.ASCII.GetString(text[..length]);
    }

    private static async ValueTask WriteRraHeadAsync(
        Utf8Output output, RrdSnapshot rrd, int rra, RrdForm form, CancellationToken cancellationToken)
    {
        var definition = rrd.Layout.Rras[rra];
        output.Raw("<rra><cf>"u8);
        output.Text(definition.Function.Name());
        output.Raw("</cf><pdp_per_row>"u8);
        output.Integer(definition.PdpPerCdp);
        output.Raw("</pdp_per_row><params><xff>"u8);
        Number(output, definition.Xff, form);
        bool hasColumns = rrd.Tiles.Any(t => t.Columns.Count > 0);
        output.Raw(hasColumns ? "</xff></params><cdp_prep>"u8 : "</xff></params><cdp_prep/>"u8);
        foreach (var tile in rrd.Tiles)
        {
            for (int column = 0; column < tile.Columns.Count; column++)
            {
                var scratch = tile.Scratch(rra, column);
                output.Raw("<ds><primary_value>0.0</primary_value><secondary_value>0.0</secondary_value><value>"u8);
                Number(output, scratch.Value, form);
                output.Raw("</value><unknown_datapoints>"u8);
                output.Integer(scratch.UnknownPdps);
                output.Raw("</unknown_datapoints></ds>"u8);
                await output.FlushPortionAsync(cancellationToken);
            }
        }
        output.Raw(hasColumns ? "</cdp_prep><database>"u8 : "<database>"u8);
    }

    private static async ValueTask WriteRowAsync(Utf8Output output, ReadOnlyMemory<double> values, RrdForm form, CancellationToken cancellationToken)
    {
        output.Raw(values.Length == 0 ? "<row/>"u8 : "<row><v>"u8);
        for (int done = 0; done < values.Length;)
        {
            done += output.Numbers(values.Span[done..], new Separator("</v><v>"u8), done == 0, form == RrdForm.Internal);
            await output.FlushPortionAsync(cancellationToken);
        }
        output.Raw(values.Length == 0 ? ""u8 : "</v></row>"u8);
    }

    private static void Number(Utf8Output output, double value, RrdForm form)
    {
        if (form == RrdForm.Internal)
        {
            output.ExactNumber(value);
        }
        else
        {
            output.Number(value);
        }
    }
}
