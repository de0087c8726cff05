using CollectorAgent.Rrd.Formats;
using CollectorAgent.Store;
using Xunit.Abstractions;

namespace CollectorAgent.Fuzz.Tests;

/// <summary>Archives: files of gzip.</summary>
public sealed class ArchiveFuzzTests(ITestOutputHelper output) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-fuzz-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void File_is_an_archive_or_refused()
    {
        string path = Path.Combine(_folder.FullName, "a.gz");
        var fuzzing = new Fuzzing("archive", FuzzedDocuments.Seeds(), output)
        {
            Words = FuzzedDocuments.Words,
            MaxAllocatedBytes = 64 << 20,
            Finish = (document, random) => Finish(FuzzedArchives.Compressed(document), random),
        };
        fuzzing.Run(bytes =>
        {
            File.WriteAllBytes(path, bytes);
            try
            {
                ArchiveFolder.ReadFile(path);
                return true;
            }
            catch (ArchiveFormatException)
            {
                return false;
            }
        });
    }

    /// <summary>Half of them are damaged once more, where they are compressed.</summary>
    private static byte[] Finish(byte[] archive, Random random) => random.Next(2) == 0 ? archive : new Mutator(random, []).Mutate([archive]);
}
