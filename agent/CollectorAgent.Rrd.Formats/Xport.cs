using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace CollectorAgent.Rrd.Formats;

/// <summary>Rows of several RRDs side by side, newest first. See docs/formats/rrd-updates.md.</summary>
public sealed class Xport : IDisposable
{
    /// <summary>Values that are held at once at most, 32 MiB of them; a document with more copies its older rows when it gets to them.</summary>
    public const int MostCells = 4 << 20;

    // A digit, two quotes and a comma.
    private const long LeastNumber = 4;

    private readonly int _rowsAtOnce;

    // Row after row, rented: a graph that is opened asks for megabytes of them, which the collector would stop the tick for.
    private double[] _values;

    /// <summary>Copies the newest rows; the document speaks of this moment.</summary>
    /// <param name="maxCells">Values that it may hold at once; one row is held in any case.</param>
    public Xport(XportPlan plan, IReadOnlyList<XportColumns> blocks, int maxCells = MostCells)
    {
        Plan = plan;
        Blocks = blocks;
        Columns = blocks.Sum(b => b.Count);
        _rowsAtOnce = RowsAtOnce(plan, Columns, blocks.Select(b => b.Count).DefaultIfEmpty().Max(), maxCells);
        _values = ArrayPool<double>.Shared.Rent(_rowsAtOnce * Columns);
        Copy(0);
    }

    /// <summary>Values that are worth holding at once.</summary>
    /// <param name="columns">Of the document.</param>
    /// <param name="widest">Those of the RRD that gives most of them.</param>
    public static int CellsWorthHolding(XportPlan plan, int columns, int widest) => RowsAtOnce(plan, columns, widest, MostCells) * columns;

    public XportPlan Plan { get; }

    public IReadOnlyList<XportColumns> Blocks { get; }

    /// <summary>A document is at least this long, in either form.</summary>
    public long LeastBytes => Blocks.Sum(b => b.LegendChars) + Columns * (Plan.RowCount * LeastNumber);

    private int Columns { get; }

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
        output.Integer(Columns);
        bool hasColumns = Columns > 0;
        output.Raw(hasColumns ? "</columns><legend><entry>"u8 : "</columns><legend/></meta>"u8);
        await WriteLegendAsync(output, Utf8Output.XmlEscaped, "</entry><entry>", output.XmlText, cancellationToken);
        output.Raw(hasColumns ? "</entry></legend></meta>"u8 : ""u8);
        output.Raw(Plan.RowCount > 0 ? "<data>"u8 : "<data/></xport>"u8);
        for (int row = 0; row < Plan.RowCount; row++)
        {
            output.Raw("<row><t>"u8);
            output.Integer(Plan.End - row * Plan.RowSeconds);
            output.Raw(hasColumns ? "</t><v>"u8 : "</t>"u8);
            await WriteRowAsync(output, row, new Separator("</v><v>"u8), cancellationToken);
            output.Raw(hasColumns ? "</v></row>"u8 : "</row>"u8);
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
        output.Integer(Columns);
        bool hasColumns = Columns > 0;
        output.Raw(hasColumns ? "\",\"legend\":[\""u8 : "\",\"legend\":["u8);
        await WriteLegendAsync(output, Utf8Output.JsonEscaped, "\",\"", output.JsonText, cancellationToken);
        output.Raw(hasColumns ? "\"]},\"data\":["u8 : "]},\"data\":["u8);
        for (int row = 0; row < Plan.RowCount; row++)
        {
            output.Raw(row == 0 ? "{\"t\":\""u8 : ",{\"t\":\""u8);
            output.Integer(Plan.End - row * Plan.RowSeconds);
            output.Raw(hasColumns ? "\",\"values\":[\""u8 : "\",\"values\":["u8);
            await WriteRowAsync(output, row, new Separator("\",\""u8), cancellationToken);
            output.Raw(hasColumns ? "\"]}"u8 : "]}"u8);
        }
        output.Raw("]}"u8);
        await output.FlushAsync(cancellationToken);
    }

    /// <param name="separator">Stands between two entries.</param>
    private async ValueTask WriteLegendAsync(
        Utf8Output output, Func<string, string> escape, string separator, Action<string> writeName, CancellationToken cancellationToken)
    {
        int written = 0;
        foreach (var block in Blocks)
        {
            foreach (string head in block.Heads)
            {
                byte[] before = Encoding.UTF8.GetBytes(separator + escape(head));
                foreach (string name in block.Names)
                {
                    output.Raw(before.AsSpan(written++ == 0 ? separator.Length : 0));
                    writeName(name);
                    if (output.IsFull)
                    {
                        await output.FlushAsync(cancellationToken);
                    }
                }
            }
        }
    }

    /// <summary>The values of one row, of those that were copied last; row 0 is the newest.</summary>
    public ReadOnlySpan<double> Row(int row) => _values.AsSpan(row % _rowsAtOnce * Columns, Columns);

    public void Dispose()
    {
        ArrayPool<double>.Shared.Return(_values);
        _values = [];
    }

    /// <summary>No more of an RRD than is copied in one go: a sample gets its turn while the block is written.</summary>
    private static int RowsAtOnce(XportPlan plan, int columns, int widest, int maxCells) => Math.Min(
        plan.RowCount,
        Math.Max(1, Math.Min(Math.Min(maxCells, MostCells) / Math.Max(1, columns), RrdRows.MostCellsAtOnce / Math.Max(1, widest))));

    private void Copy(int first)
    {
        int count = Math.Min(_rowsAtOnce, Plan.RowCount - first);
        if (count == 0)
        {
            return;
        }
        int column = 0;
        // One RRD after the other, as its rows lie near each other.
        foreach (var block in Blocks)
        {
            block.CopyRows(first, count, _values.AsSpan(column), Columns);
            column += block.Count;
        }
    }

    private async ValueTask WriteRowAsync(Utf8Output output, int row, Separator separator, CancellationToken cancellationToken)
    {
        if (row > 0 && row % _rowsAtOnce == 0)
        {
            Copy(row);
        }
        for (int done = 0; done < Columns;)
        {
            done += output.Numbers(Row(row)[done..], separator, isFirst: done == 0);
            if (output.IsFull)
            {
                await output.FlushAsync(cancellationToken);
            }
        }
    }
}
