using CollectorAgent.TestKit;

namespace CollectorAgent.Daemon.Tests;

public sealed class PrivateFolderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-private-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Folder_that_is_made_has_its_mode_and_those_above_can_be_read()
    {
        string path = Path.Combine(_folder.FullName, "a", "b");

        PrivateFolder.Make(path, PrivateFolder.OwnerOnly, "Do something.");

        Assert.Equal(PrivateFolder.OwnerOnly, File.GetUnixFileMode(path));
        Assert.Equal(PrivateFolder.Readable, File.GetUnixFileMode(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void Folder_that_others_could_write_to_is_closed()
    {
        File.SetUnixFileMode(_folder.FullName, PrivateFolder.Readable | UnixFileMode.OtherWrite);

        PrivateFolder.Close(_folder.FullName, new CapturedLog());

        Assert.Equal(PrivateFolder.OwnerOnly, File.GetUnixFileMode(_folder.FullName));
    }

    [Fact]
    public void File_in_the_way_is_named()
    {
        string file = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(file, "");

        var failure = Assert.Throws<StartException>(
            () => PrivateFolder.Make(Path.Combine(file, "a", "b"), PrivateFolder.OwnerOnly, "Do something."));

        Assert.Equal($"The folder {file}/a/b cannot be made: {file} is a file. Do something.", failure.Message);
    }
}
