namespace CollectorAgent.Store.Tests;

public sealed class HostIdentityTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-identity-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("INSTALLATION_UUID='7fd5c3d3-1d41-4f0a-9a7e-2f9a3b0c1d2e'", "7fd5c3d3-1d41-4f0a-9a7e-2f9a3b0c1d2e")]
    [InlineData("PRODUCT_NAME='x'\nINSTALLATION_UUID=7FD5C3D3-1D41-4F0A-9A7E-2F9A3B0C1D2E", "7fd5c3d3-1d41-4f0a-9a7e-2f9a3b0c1d2e")]
    public async Task Host_uuid_is_that_of_the_inventory(string inventory, string expected)
    {
        string path = Path.Combine(_folder.FullName, "inventory");
        await File.WriteAllTextAsync(path, inventory);

        Assert.Equal(expected, HostIdentity.Resolve(path, _folder.FullName));
    }

    [Fact]
    public void Host_uuid_is_made_once_where_there_is_no_inventory()
    {
        string inventory = Path.Combine(_folder.FullName, "none");

        string made = HostIdentity.Resolve(inventory, _folder.FullName);

        Assert.True(Guid.TryParse(made, out _));
        Assert.Equal(made, HostIdentity.Resolve(inventory, _folder.FullName));
    }

    [Theory]
    [InlineData("fifo")]
    [InlineData("device")]
    [InlineData("folder")]
    public void Inventory_that_is_no_file_is_refused_at_once(string kind)
    {
        string path = Path.Combine(_folder.FullName, "inventory");
        switch (kind)
        {
            case "fifo":
                Assert.Equal(0, Programs.Run("mkfifo", path));
                break;
            case "device":
                File.CreateSymbolicLink(path, "/dev/zero");
                break;
            default:
                // Of a folder there is no file to be read.
                Directory.CreateDirectory(path);
                Assert.True(Guid.TryParse(HostIdentity.Resolve(path, _folder.FullName), out _));
                return;
        }

        Assert.Contains("FIFO", Assert.Throws<IOException>(() => HostIdentity.Resolve(path, _folder.FullName)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Inventory_may_be_a_link()
    {
        string path = Path.Combine(_folder.FullName, "inventory");
        File.WriteAllText(path + ".real", "INSTALLATION_UUID='7fd5c3d3-1d41-4f0a-9a7e-2f9a3b0c1d2e'");
        File.CreateSymbolicLink(path, path + ".real");

        Assert.Equal("7fd5c3d3-1d41-4f0a-9a7e-2f9a3b0c1d2e", HostIdentity.Resolve(path, _folder.FullName));
    }

    [Fact]
    public void Host_uuid_that_a_power_cut_left_empty_is_made_anew_and_what_was_being_written_is_in_nobodys_way()
    {
        string path = Path.Combine(_folder.FullName, "host-uuid");
        File.WriteAllText(path, "");
        File.WriteAllText(path + ".tmp", "7fd5");

        string made = HostIdentity.Resolve("/none", _folder.FullName);

        Assert.Equal(made + "\n", File.ReadAllText(path));
        Assert.False(File.Exists(path + ".tmp"));
    }
}
