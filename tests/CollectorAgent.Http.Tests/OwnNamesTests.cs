using System.Diagnostics;
using CollectorAgent.TestKit;

namespace CollectorAgent.Http.Tests;

/// <summary>The names of a host, whatever lies in the place of its tables.</summary>
public sealed class OwnNamesTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _etc = Directory.CreateTempSubdirectory("ca-etc-");
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public void Dispose() => _etc.Delete(recursive: true);

    [Fact]
    public void Names_of_the_loopback_address_in_the_table_are_its_own_also_behind_a_link()
    {
        File.WriteAllText(In("table"), "# comment\r\n127.0.0.1 localhost alias.example\r\n192.0.2.7 other.example\n");
        File.CreateSymbolicLink(In("hosts"), In("table"));
        var names = new OwnNames(_etc.FullName, [], _time);

        Assert.True(names.Has("alias.example"));
        Assert.False(names.Has("other.example"));
    }

    [Theory]
    [InlineData("fifo")]
    [InlineData("/dev/zero")]
    [InlineData("folder")]
    public async Task What_is_no_file_has_no_names_and_nobody_waits_for_it(string kind)
    {
        foreach (string table in new[] { "hosts", "resolv.conf" })
        {
            switch (kind)
            {
                case "fifo":
                    using (var mkfifo = Process.Start("mkfifo", In(table)))
                    {
                        await mkfifo.WaitForExitAsync();
                    }
                    break;
                case "folder":
                    Directory.CreateDirectory(In(table));
                    break;
                default:
                    File.CreateSymbolicLink(In(table), kind);
                    break;
            }
        }
        var names = new OwnNames(_etc.FullName, ["known.example"], _time);

        Assert.False(await Task.Run(() => names.Has("other.example")).WaitAsync(Deadline));
        Assert.True(names.Has("known.example"));
    }

    private string In(string name) => Path.Combine(_etc.FullName, name);
}
