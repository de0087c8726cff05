using System.IO.Pipelines;

namespace CollectorAgent.Rrd.Formats;

/// <summary>Writes a whole RRD as JSON, every leaf a string. See docs/formats/rrd-json.md.</summary>
public static class RrdJsonWriter
{
    /// <inheritdoc cref="RrdXmlWriter.WriteAsync"/>
    public static async Task WriteAsync(RrdSnapshot rrd, PipeWriter pipe, CancellationToken cancellationToken)
    {
        var output = new Utf8Output(pipe);
        output.Raw("{\"version\":\"0003\",\"step\":\""u8);
        output.Integer(rrd.Layout.StepSeconds);
        output.Raw("\",\"lastupdate\":\""u8);
        output.Number(rrd.LastUpdated);
        output.Raw("\",\"ds\":["u8);
        bool isFirst = true;
        foreach (var tile in rrd.Tiles)
        {
            for (int column = 0; column < tile.Columns.Count; column++)
            {
                Separate(output, ref isFirst);
                WriteDataSource(output, tile, column);
                await output.FlushPortionAsync(cancellationToken);
            }
        }
        output.Raw("],\"rra\":["u8);
        using var rows = new RowBlocks(rrd);
        for (int rra = 0; rra < rrd.Layout.Rras.Count; rra++)
        {
            output.Raw(rra == 0 ? ""u8 : ","u8);
            await WriteRraHeadAsync(output, rrd, rra, cancellationToken);
            var definition = rrd.Layout.Rras[rra];
            long newest = rrd.LastStep / definition.PdpPerCdp - 1;
            long oldest = newest - definition.Rows + 1;
            for (long row = oldest; row <= newest; row++)
            {
                output.Raw(row == oldest ? ""u8 : ","u8);
                await WriteRowAsync(output, rows.Row(rra, row), cancellationToken);
            }
            output.Raw("]}"u8);
        }
        output.Raw("]}"u8);
        await output.FlushAsync(cancellationToken);
    }

    private static void WriteDataSource(Utf8Output output, TileSnapshot tile, int column)
    {
        var source = tile.Columns[column];
        var scratch = tile.Scratch(column);
        output.Raw("{\"name\":\""u8);
        output.JsonText(source.Name);
        output.Raw("\",\"type\":\""u8);
        output.Text(source.Type.Name());
        Member(output, "\",\"minimal_heartbeat\":\""u8, source.HeartbeatSeconds);
        Member(output, "\",\"min\":\""u8, source.Min);
        Member(output, "\",\"max\":\""u8, source.Max);
        output.Raw("\",\"last_ds\":\""u8);
        output.Text(RrdXmlWriter.LastText(source, scratch.Previous, RrdForm.External));
        Member(output, "\",\"value\":\""u8, scratch.Value);
        Member(output, "\",\"unknown_sec\":\""u8, scratch.UnknownSeconds);
        Member(output, "\",\"last_updated\":\""u8, tile.LastUpdated);
        output.Raw("\"}"u8);
    }

    private static async ValueTask WriteRraHeadAsync(Utf8Output output, RrdSnapshot rrd, int rra, CancellationToken cancellationToken)
    {
        var definition = rrd.Layout.Rras[rra];
        output.Raw("{\"cf\":\""u8);
        output.Text(definition.Function.Name());
        output.Raw("\",\"pdp_per_row\":\""u8);
        output.Integer(definition.PdpPerCdp);
        Member(output, "\",\"params\":{\"xff\":\""u8, definition.Xff);
        output.Raw("\"},\"cdp_prep\":{\"ds\":["u8);
        bool isFirst = true;
        foreach (var tile in rrd.Tiles)
        {
            for (int column = 0; column < tile.Columns.Count; column++)
            {
                var scratch = tile.Scratch(rra, column);
                Separate(output, ref isFirst);
                Member(output, "{\"primary_value\":\"0.0\",\"secondary_value\":\"0.0\",\"value\":\""u8, scratch.Value);
                output.Raw("\",\"unknown_datapoints\":\""u8);
                output.Integer(scratch.UnknownPdps);
                output.Raw("\"}"u8);
                await output.FlushPortionAsync(cancellationToken);
            }
        }
        output.Raw("]},\"database\":["u8);
    }

    private static async ValueTask WriteRowAsync(Utf8Output output, ReadOnlyMemory<double> values, CancellationToken cancellationToken)
    {
        output.Raw(values.Length > 0 ? "[\""u8 : "["u8);
        for (int done = 0; done < values.Length;)
        {
            done += output.Numbers(values.Span[done..], new Separator("\",\""u8), done == 0);
            await output.FlushPortionAsync(cancellationToken);
        }
        output.Raw(values.Length > 0 ? "\"]"u8 : "]"u8);
    }

    private static void Member(Utf8Output output, ReadOnlySpan<byte> before, double value)
    {
        output.Raw(before);
        output.Number(value);
    }

    private static void Separate(Utf8Output output, ref bool isFirst)
    {
        output.Raw(isFirst ? ""u8 : ","u8);
        isFirst = false;
    }
}
