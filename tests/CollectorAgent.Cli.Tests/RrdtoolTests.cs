using System.Globalization;
using System.Xml.Linq;
using CollectorAgent.Rrd;

namespace CollectorAgent.Cli.Tests;

public sealed class RrdtoolTests : AgentTests
{
    [RrdtoolFact]
    public async Task Rrdtool_restores_a_dump_for_it_with_the_same_names_times_and_values()
    {
        var dump = await RunAsync("dump", "vm", CannedAgent.VmUuid, "--rrdtool");

        Assert.True(dump.Code == 0, dump.Errors);
        Assert.Equal(
            """
            collectorctl: data source 'memory_with_a_name_that_is_too_long' is 'memory_with__4fbe8f' for rrdtool
            collectorctl: data source 'memory_with_a_name_that_is_even_longer' is 'memory_with__e9cb3c' for rrdtool

            """,
            dump.Errors);
        var restored = await RestoreAsync(dump.Output);
        string[] names = [.. restored.Root!.Elements("ds").Select(d => d.Element("name")!.Value.Trim())];
        Assert.Equal(["cpu0", .. dump.Errors.Split('\'').Where((_, i) => i % 4 == 3)], names);
        var rras = restored.Root!.Elements("rra").ToList();
        Assert.Equal(Agent.Vm.Layout.Rras.Count, rras.Count);
        for (int rra = 0; rra < rras.Count; rra++)
        {
            AssertRows(Agent.Vm, rra, rras[rra]);
        }
    }

    [RrdtoolFact]
    public async Task Rrdtool_refuses_the_long_names_of_the_document_itself()
    {
        var dump = await RunAsync("dump", "vm", CannedAgent.VmUuid);

        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => RestoreAsync(dump.Output));
    }

    [RrdtoolFact]
    public async Task Rrdtool_restores_the_document_itself_where_names_are_short()
    {
        Agent.Answers["/host_rrd"] = context => Rrd.Formats.RrdXmlWriter.WriteAsync(
            Agent.Sr.Snapshot(), Rrd.Formats.RrdForm.External, context.Response.BodyWriter, context.RequestAborted);

        var restored = await RestoreAsync((await RunAsync("dump")).Output);

        AssertRows(Agent.Sr, 0, restored.Root!.Element("rra")!);
    }

    [RrdtoolFact]
    public async Task Rrdtool_restores_the_internal_form_of_a_document_after_a_change()
    {
        Agent.Answers["/host_rrd"] = context => Rrd.Formats.RrdXmlWriter.WriteAsync(
            Agent.Sr.Snapshot(), Rrd.Formats.RrdForm.Internal, context.Response.BodyWriter, context.RequestAborted);

        var restored = await RestoreAsync((await RunAsync("dump", "--rrdtool")).Output);

        AssertRows(Agent.Sr, 0, restored.Root!.Element("rra")!);
    }

    private async Task<XDocument> RestoreAsync(string document)
    {
        string xml = Path.Combine(Agent.Root, "dump.xml");
        string rrd = Path.Combine(Agent.Root, "dump.rrd");
        await File.WriteAllTextAsync(xml, document);
        var restore = await CollectorCtl.RunProgramAsync("rrdtool", "restore", xml, rrd);
        Assert.True(restore.Code == 0, restore.Errors);
        return XDocument.Parse((await CollectorCtl.RunProgramAsync("rrdtool", "dump", rrd)).Output);
    }

    /// <summary>Rows of a dump of rrdtool, each after a comment with its time, against those they came from.</summary>
    private static void AssertRows(RoundRobinDatabase rrd, int index, XElement rra)
    {
        var definition = rrd.Layout.Rras[index];
        var expected = new double[rrd.DataSources.Count()];
        long row = rrd.LastStep / definition.PdpPerCdp - definition.Rows;
        foreach (var element in rra.Element("database")!.Elements("row"))
        {
            string comment = ((XComment)element.PreviousNode!).Value;
            long time = long.Parse(comment[(comment.LastIndexOf('/') + 1)..], CultureInfo.InvariantCulture);
            Assert.Equal((row + 1) * definition.PdpPerCdp * rrd.Layout.StepSeconds, time);
            rrd.Rows().TryCopyRow(index, row++, expected);
            double[] restored = [.. element.Elements("v").Select(v => double.Parse(v.Value, CultureInfo.InvariantCulture))];
            // rrdtool writes eleven digits.
            Assert.Equal(expected, restored, (a, b) => double.IsNaN(a) ? double.IsNaN(b) : Math.Abs(a - b) <= 1e-10 * Math.Abs(a));
        }
        Assert.Equal(rrd.LastStep / definition.PdpPerCdp, row);
    }
}
