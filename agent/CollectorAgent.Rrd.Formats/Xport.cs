using System.IO.Pipelines;

namespace CollectorAgent.Rrd.Formats;

/// <summary>Rows of several RRDs side by side, newest first. See docs/formats/rrd-updates.md.</summary>
public sealed record Xport(XportPlan Plan, IReadOnlyList<XportColumns> Blocks)
{
    /// <param name="pipe">Flushed, not completed.</param>
    /// <exception cref="OperationCanceledException">The reader of the pipe is gone.</exception>
    public async Task WriteXmlAsync(PipeWriter pipe, CancellationToken cancellationToken)
    {
        var output = new Utf8Output(pipe);
        output.Raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xport><meta><start>"u8);
        output.Integer(Plan.Start);
        output.Raw("</start><step>"u8);
        output.Integer(Plan.RowSeconds);
        output.Raw("</step><end>"u8);
        output.Integer(Plan.End);
        output.Raw("</end><rows>"u8);
        output.Integer(Plan.RowCount);
        output.Raw("</rows><columns>"u8);
        output.Integer(Blocks.Sum(b => b.Legend.Count));
        bool hasColumns = Blocks.Any(b => b.Legend.Count > 0);
        output.Raw(hasColumns ? "</columns><legend>"u8 : "</columns>"u8);
        foreach (var block in Blocks)
        {
            foreach (string entry in block.Legend)
            {
                output.Raw("<entry>"u8);
                output.XmlText(entry);
                output.Raw("</entry>"u8);
                await output.FlushPortionAsync(cancellationToken);
            }
        }
        output.Raw(hasColumns ? "</legend></meta>"u8 : "<legend/></meta>"u8);
        output.Raw(Plan.RowCount > 0 ? "<data>"u8 : "<data/></xport>"u8);
        for (int row = 0; row < Plan.RowCount; row++)
        {
            output.Raw("<row><t>"u8);
            output.Integer(Plan.End - row * Plan.RowSeconds);
            output.Raw("</t>"u8);
            foreach (var block in Blocks)
            {
                for (int column = 0; column < block.Legend.Count; column++)
                {
                    output.Raw("<v>"u8);
                    output.Number(block.Row(row)[column]);
                    output.Raw("</v>"u8);
                    await output.FlushPortionAsync(cancellationToken);
                }
            }
            output.Raw("</row>"u8);
        }
        output.Raw(Plan.RowCount > 0 ? "</data></xport>"u8 : ""u8);
        await output.FlushAsync(cancellationToken);
    }

    /// <inheritdoc cref="WriteXmlAsync"/>
    public async Task WriteJsonAsync(PipeWriter pipe, CancellationToken cancellationToken)
    {
        var output = new Utf8Output(pipe);
        output.Raw("{\"meta\":{\"start\":\""u8);
        output.Integer(Plan.Start);
        output.Raw("\",\"step\":\""u8);
        output.Integer(Plan.RowSeconds);
        output.Raw("\",\"end\":\""u8);
        output.Integer(Plan.End);
        output.Raw("\",\"rows\":\""u8);
        output.Integer(Plan.RowCount);
        output.Raw("\",\"columns\":\""u8);
        output.Integer(Blocks.Sum(b => b.Legend.Count));
        output.Raw("\",\"legend\":["u8);
        bool isFirst = true;
        foreach (var block in Blocks)
        {
            foreach (string entry in block.Legend)
            {
                output.Raw(isFirst ? ""u8 : ","u8);
                isFirst = false;
                output.JsonString(entry);
                await output.FlushPortionAsync(cancellationToken);
            }
        }
        output.Raw("]},\"data\":["u8);
        for (int row = 0; row < Plan.RowCount; row++)
        {
            output.Raw(row == 0 ? "{\"t\":\""u8 : ",{\"t\":\""u8);
            output.Integer(Plan.End - row * Plan.RowSeconds);
            output.Raw("\",\"values\":["u8);
            isFirst = true;
            foreach (var block in Blocks)
            {
                for (int column = 0; column < block.Legend.Count; column++)
                {
                    output.Raw(isFirst ? "\""u8 : ",\""u8);
                    isFirst = false;
                    output.Number(block.Row(row)[column]);
                    output.Raw("\""u8);
                    await output.FlushPortionAsync(cancellationToken);
                }
            }
            output.Raw("]}"u8);
        }
        output.Raw("]}"u8);
        await output.FlushAsync(cancellationToken);
    }
}
