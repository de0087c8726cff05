using System.IO.Compression;
using System.IO.Pipelines;
using CollectorAgent.Rrd.Formats;

namespace CollectorAgent.Cli.Tests;

public sealed class SrVdiTests : IDisposable
{
    private const int RegionBytes = 4 << 20;

    private readonly string _folder = Directory.CreateTempSubdirectory("ca-").FullName;

    public SrVdiTests()
    {
        Vdi = Path.Combine(_folder, "vdi");
        Archive = Path.Combine(_folder, "archive.gz");
        File.WriteAllBytes(Vdi, new byte[RegionBytes]);
    }

    private string Vdi { get; }

    private string Archive { get; }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Archive_of_an_rrd_is_written_checked_and_read_back()
    {
        byte[] archive = await WriteArchiveAsync();

        Assert.Equal(new ProgramResult(0, "", ""), await CollectorCtl.RunAsync("sr-vdi", "write", Vdi, Archive));

        var check = await CollectorCtl.RunAsync("sr-vdi", "check", Vdi);
        Assert.Equal(0, check.Code);
        Assert.Matches(
            $"""
            ^found    There is an archive in a frame
            archive  {archive.Length} bytes, [0-9]{"{4,}"} unpacked; whole
            rrd      data sources: 2, last update 2023-11-14T22:20:00Z
            room     the next archive may have 2096640 bytes
            $
            """,
            check.Output);

        string output = Path.Combine(_folder, "out.gz");
        File.WriteAllText(output, "old");
        Assert.Equal(new ProgramResult(0, "", ""), await CollectorCtl.RunAsync("sr-vdi", "read", Vdi, "--output", output));
        Assert.Equal(archive, File.ReadAllBytes(output));
        Assert.Equal(0, (await CollectorCtl.ShellAsync($"$CTL sr-vdi read {Vdi} | cmp - {Archive}")).Code);
        Assert.Equal(["archive.gz", "out.gz", "vdi"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Vdi_without_an_archive_is_7()
    {
        foreach (string verb in new[] { "read", "check" })
        {
            Assert.Equal(new ProgramResult(7, "", $"collectorctl: {Vdi}: There are no RRDs.\n"), await CollectorCtl.RunAsync("sr-vdi", verb, Vdi));
        }
    }

    [Fact]
    public async Task Something_else_is_8_and_written_over_by_force_only()
    {
        await WriteArchiveAsync();
        byte[] other = [.. "something else"u8, .. new byte[RegionBytes]];
        File.WriteAllBytes(Vdi, other);

        foreach (string verb in new[] { "read", "check" })
        {
            Assert.Equal(
                new ProgramResult(8, "", $"collectorctl: {Vdi}: There is something else: it begins with 736f6d65.\n"),
                await CollectorCtl.RunAsync("sr-vdi", verb, Vdi));
        }
        var write = await CollectorCtl.RunAsync("sr-vdi", "write", Vdi, Archive);
        Assert.Equal(
            new ProgramResult(
                8, "", $"collectorctl: {Vdi}: There is something else: it begins with 736f6d65: it is not written over. --force does so all the same.\n"),
            write);
        Assert.Equal(other, File.ReadAllBytes(Vdi));
        Assert.Equal(0, (await CollectorCtl.RunAsync("sr-vdi", "write", Vdi, Archive, "--force")).Code);
        Assert.Equal(0, (await CollectorCtl.RunAsync("sr-vdi", "check", Vdi)).Code);
    }

    [Fact]
    public async Task Archive_for_whose_copy_there_is_no_room_is_8_and_written_in_place_only()
    {
        byte[] noise = new byte[3_000_000];
        new Random(1).NextBytes(noise);
        using (var gzip = new GZipStream(File.Create(Archive), CompressionLevel.Fastest))
        {
            gzip.Write(noise);
        }
        long length = new FileInfo(Archive).Length;

        Assert.Equal(
            new ProgramResult(
                8,
                "",
                $"collectorctl: {Vdi}: The archive has {length} bytes and the one there 0: a copy has room for 2096640. "
                + "--in-place writes it without one: a crash may then lose both.\n"),
            await CollectorCtl.RunAsync("sr-vdi", "write", Vdi, Archive));
        Assert.Equal(new byte[RegionBytes], File.ReadAllBytes(Vdi));
        Assert.Equal(0, (await CollectorCtl.RunAsync("sr-vdi", "write", Vdi, Archive, "--in-place")).Code);
        var check = await CollectorCtl.RunAsync("sr-vdi", "check", Vdi);
        Assert.Contains($"archive  {length} bytes, 3000000 unpacked; whole\nrrd      none: ", check.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Archive_without_a_frame_is_read_and_said()
    {
        byte[] archive = await WriteArchiveAsync();
        File.WriteAllBytes(Vdi, [.. archive, .. new byte[RegionBytes]]);

        var result = await CollectorCtl.ShellAsync($"$CTL sr-vdi read {Vdi} >{_folder}/out.gz");

        Assert.Equal(new ProgramResult(0, "", $"collectorctl: {Vdi}: There is an archive without a frame.\n"), result);
        Assert.Equal(archive, File.ReadAllBytes(Path.Combine(_folder, "out.gz")));
    }

    [Theory]
    [InlineData("no gzip", 8, "write {0}/vdi {0}/text", "{0}/vdi: The archive is not one whole gzip stream: it does not begin as gzip does.")]
    [InlineData("no archive", 9, "write {0}/vdi {0}/none", "Could not find file '{0}/none'.")]
    [InlineData("no device", 9, "check {0}/none", "{0}/none: No such file or directory.")]
    [InlineData("folder", 8, "check {0}", "{0}: It is neither a block device nor a regular file.")]
    [InlineData("short", 8, "read {0}/text", "{0}/text: It has 4 bytes; a stats VDI has 4194304.")]
    [InlineData("agent", 2, "check {0}/vdi --root /", "A stats VDI is no agent's: leave out --root and --url.")]
    public async Task Trouble_is_a_sentence_and_a_code(string what, int code, string arguments, string error)
    {
        File.WriteAllText(Path.Combine(_folder, "text"), "text");

        var result = await CollectorCtl.RunAsync(["sr-vdi", .. arguments.Replace("{0}", _folder, StringComparison.Ordinal).Split(' ')]);

        Assert.Equal((what, new ProgramResult(code, "", $"collectorctl: {error.Replace("{0}", _folder, StringComparison.Ordinal)}\n")), (what, result));
        Assert.Equal(new byte[RegionBytes], File.ReadAllBytes(Vdi));
    }

    [Fact]
    public async Task Output_that_cannot_be_written_is_5_and_leaves_nothing()
    {
        await WriteArchiveAsync();
        await CollectorCtl.RunAsync("sr-vdi", "write", Vdi, Archive);
        File.CreateSymbolicLink(Path.Combine(_folder, "link"), Vdi);
        await CollectorCtl.ShellAsync($"mkfifo {_folder}/fifo");
        byte[] before = File.ReadAllBytes(Vdi);

        foreach (string output in new[] { "nowhere/out.gz", ".", "link", "fifo" })
        {
            string path = Path.Combine(_folder, output);
            var result = await CollectorCtl.RunAsync("sr-vdi", "read", Vdi, "--output", path);

            Assert.Equal(5, result.Code);
            Assert.StartsWith($"collectorctl: {path} cannot be written: ", result.Errors, StringComparison.Ordinal);
        }

        Assert.Equal(before, File.ReadAllBytes(Vdi));
        Assert.Equal(["archive.gz", "fifo", "link", "vdi"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order());
    }

    private async Task<byte[]> WriteArchiveAsync()
    {
        await using (var gzip = new GZipStream(File.Create(Archive), CompressionLevel.Optimal))
        {
            var pipe = PipeWriter.Create(gzip);
            await RrdXmlWriter.WriteAsync(History.Of("read_latency", "write_latency").Snapshot(), RrdForm.Internal, pipe, CancellationToken.None);
            await pipe.CompleteAsync();
        }
        return File.ReadAllBytes(Archive);
    }
}
