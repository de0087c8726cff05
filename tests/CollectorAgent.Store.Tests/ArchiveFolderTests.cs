using System.IO.Compression;
using CollectorAgent.Rrd.Formats;
using CollectorAgent.TestKit;

namespace CollectorAgent.Store.Tests;

public sealed class ArchiveFolderTests : IDisposable
{
    private const string Uuid = "11111111-0000-4000-8000-000000000001";

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("ca-archives-");
    private readonly ArchiveFolder _archives;

    public ArchiveFolderTests() => _archives = new ArchiveFolder(Folder);

    private string Folder => Path.Combine(_root.FullName, "blobs", "rrds");

    public void Dispose()
    {
        _archives.Dispose();
        _root.Delete(recursive: true);
    }

    [Fact]
    public async Task Archive_has_its_name_only_when_it_is_whole()
    {
        using var document = new HeldStream(await File.ReadAllBytesAsync(Repository.PathOf("tests/golden/rrd-internal.xml")));

        var store = _archives.WriteAsync(Uuid, document, CancellationToken.None);
        Assert.Null(_archives.Open(Uuid));
        string unfinished = Path.GetFileName(Assert.Single(Directory.EnumerateFiles(Folder)));
        document.Release();
        await store;

        Assert.StartsWith(Uuid + ".gz.unfinished-", unfinished, StringComparison.Ordinal);
        Assert.Equal(Uuid + ".gz", Path.GetFileName(Assert.Single(Directory.EnumerateFiles(Folder))));
        using var archive = _archives.Open(Uuid);
        Assert.NotNull(archive);
    }

    [Fact]
    public async Task Archive_that_is_none_leaves_nothing()
    {
        await Assert.ThrowsAsync<ArchiveFormatException>(() => _archives.WriteAsync(Uuid, new MemoryStream("<rrd>"u8.ToArray()), CancellationToken.None));

        Assert.Empty(Directory.EnumerateFiles(Folder));
    }

    [Fact]
    public async Task Archive_that_breaks_off_is_refused_wherever_it_does()
    {
        byte[] xml = await File.ReadAllBytesAsync(Repository.PathOf("tests/golden/rrd-internal.xml"));
        string path = await _archives.WriteAsync(Uuid, new MemoryStream(xml), CancellationToken.None);
        byte[] whole = await File.ReadAllBytesAsync(path);

        for (int missing = 1; missing < 64; missing++)
        {
            await File.WriteAllBytesAsync(path, whole[..^missing]);
            Assert.True(Record.Exception(() => _archives.Read(Uuid)) is ArchiveFormatException, $"{missing} bytes are missing");
            using var unpacked = WholeGzip.Unpack(_archives.Open(Uuid)!);
            await Assert.ThrowsAsync<InvalidDataException>(() => unpacked.CopyToAsync(Stream.Null));
        }
        await File.WriteAllBytesAsync(path, whole);
        Assert.NotNull(_archives.Read(Uuid));
        // Members that follow each other are one document, and what fills a block of a tape is not looked at.
        await File.WriteAllBytesAsync(path, [.. Packed(xml[..100]), .. Packed(xml[100..]), .. new byte[512]]);
        Assert.NotNull(_archives.Read(Uuid));
    }

    [Theory]
    [InlineData("folder")]
    [InlineData("dangling link")]
    public void What_is_no_file_is_not_taken_for_an_archive_that_is_missing(string kind)
    {
        Directory.CreateDirectory(Folder);
        string path = _archives.PathOf(Uuid);
        if (kind == "folder")
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            File.CreateSymbolicLink(path, Path.Combine(Folder, "nowhere"));
        }

        Assert.ThrowsAny<IOException>(() => _archives.Read(Uuid));
    }

    [Fact]
    public async Task Archive_that_cannot_get_its_name_leaves_nothing()
    {
        Directory.CreateDirectory(Path.Combine(Folder, Uuid + ".gz", "in the way"));

        await Assert.ThrowsAnyAsync<IOException>(async () =>
            await _archives.WriteAsync(Uuid, File.OpenRead(Repository.PathOf("tests/golden/rrd-internal.xml")), CancellationToken.None));

        Assert.Empty(Directory.EnumerateFiles(Folder));
    }

    [Fact]
    public void What_an_earlier_run_left_unfinished_is_removed_and_nothing_else()
    {
        _archives.RemoveUnfinished();
        Directory.CreateDirectory(Folder);
        string[] others = [Uuid + ".gz", Uuid + ".tmp", "incoming-mail", "xapi.tmp"];
        foreach (string name in others.Append(Uuid + ".gz.unfinished-0"))
        {
            File.WriteAllText(Path.Combine(Folder, name), "");
        }

        _archives.RemoveUnfinished();

        Assert.Equal(others.Order(StringComparer.Ordinal), Directory.EnumerateFiles(Folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
    }

    /// <summary>A document whose first byte is on its way.</summary>
    private sealed class HeldStream(byte[] bytes) : MemoryStream(bytes)
    {
        private readonly TaskCompletionSource _released = new();

        public void Release() => _released.SetResult();

        public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
        {
            await _released.Task.WaitAsync(cancellationToken);
            await base.CopyToAsync(destination, bufferSize, cancellationToken);
        }
    }

    private static byte[] Packed(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }
        return packed.ToArray();
    }
}
