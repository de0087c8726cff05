namespace CollectorAgent.Native.Tests;

/// <summary>Against the kernel that runs.</summary>
public sealed class MappedMemoryTests : IDisposable
{
    private const int PageBytes = 4096;

    private readonly string _folder = Directory.CreateTempSubdirectory("ca-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "file");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Part_of_a_file_is_shared_with_whoever_reads_it_and_stays_when_the_file_is_closed()
    {
        using var file = PosixFile.CreateNew(Path);
        RandomAccess.SetLength(file, 4 * PageBytes);
        using var memory = MappedMemory.Map(file, PageBytes, 2 * PageBytes);
        file.Dispose();

        memory.Bytes[0] = 1;
        memory.Bytes[^1] = 2;

        byte[] bytes = File.ReadAllBytes(Path);
        Assert.Equal(2 * PageBytes, memory.Bytes.Length);
        Assert.Equal((1, 2), (bytes[PageBytes], bytes[3 * PageBytes - 1]));
        bytes[PageBytes + 5] = 3;
        File.WriteAllBytes(Path, bytes);
        Assert.Equal(3, memory.Bytes[5]);
    }

    [Fact]
    public void Pages_of_no_file_are_zero()
    {
        using var memory = MappedMemory.Anonymous(3 * PageBytes);

        Assert.False(memory.Bytes.ContainsAnyExcept((byte)0));
        memory.Bytes.Fill(1);
    }

    [Fact]
    public void Unmapped_memory_is_refused()
    {
        var memory = MappedMemory.Anonymous(PageBytes);
        memory.Dispose();
        memory.Dispose();

        Assert.Throws<ObjectDisposedException>(() => memory.Bytes.Length);
    }

    [Fact]
    public void What_cannot_be_mapped_is_told()
    {
        using var file = PosixFile.CreateNew(Path);
        RandomAccess.SetLength(file, 2 * PageBytes);

        Assert.Contains("mmap", Assert.Throws<PosixException>(() => MappedMemory.Map(file, 1, PageBytes)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => MappedMemory.Map(file, 0, 0));
    }
}
