namespace CollectorAgent.Native.Tests;

/// <summary>Against the kernel that runs.</summary>
public sealed class PosixFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ca-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Names_are_those_of_all_that_is_there()
    {
        string[] names = [.. Enumerable.Range(0, 1000).Select(i => $"name-{i}"), ".hidden", "größe", new string('n', 255)];
        foreach (string name in names)
        {
            File.Create(Path.Combine(_folder, name)).Dispose();
        }
        Directory.CreateDirectory(Path.Combine(_folder, "folder"));
        File.CreateSymbolicLink(Path.Combine(_folder, "link"), "nowhere");

        Assert.Equal([.. names.Append("folder").Append("link").Order()], PosixFolder.Names(_folder, 2000).Order());
        Assert.Equal(3, PosixFolder.Names(_folder, 3).Count);
    }

    [Fact]
    public void An_empty_folder_has_none()
    {
        Assert.Empty(PosixFolder.Names(_folder, 1));
    }

    [Fact]
    public void One_that_is_not_there_is_an_error()
    {
        var error = Assert.Throws<PosixException>(() => PosixFolder.Names(Path.Combine(_folder, "nowhere"), 1));

        Assert.Equal(PosixException.NoSuchFile, error.Errno);
    }
}
