using System.Diagnostics;
using CollectorAgent.Native;

namespace CollectorAgent.Daemon.Tests;

/// <summary>The lock of a running agent, whatever lies in its place.</summary>
public sealed class InstanceLockTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-lock-");

    private string Path => System.IO.Path.Combine(_folder.FullName, "lock");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Second_agent_is_refused_while_the_first_one_runs()
    {
        using (Take())
        {
            Assert.Contains("Another agent works in", Assert.Throws<InstanceTakenException>(() => Take()).Message, StringComparison.Ordinal);
        }
        Take().Dispose();
    }

    [Fact]
    public void Lock_file_is_its_owners_alone()
    {
        using var held = Take();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
    }

    [Fact]
    public void File_that_others_could_open_is_replaced_and_whoever_holds_it_holds_nothing()
    {
        // As an agent of before left it.
        File.WriteAllText(Path, "");
        File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        using var other = PosixFile.OpenForReading(Path);
        Assert.True(PosixFile.TryLock(other, isShared: false));

        using var held = Take();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        Assert.Throws<InstanceTakenException>(() => Take());
    }

    [Fact]
    public void File_that_others_could_open_is_replaced_even_where_nobody_holds_it_yet()
    {
        File.WriteAllText(Path, "");
        File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        using var opened = PosixFile.OpenForReading(Path);
        Take().Dispose();

        // Too late: it is another file by now.
        Assert.True(PosixFile.TryLock(opened, isShared: false));
        Take().Dispose();
    }

    [Fact]
    public void Agent_of_before_that_runs_is_left_its_lock()
    {
        File.WriteAllText(Path, "");
        File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        using var other = PosixFile.OpenForReading(Path);
        Assert.True(PosixFile.TryLock(other, isShared: false));

        Assert.Throws<InstanceTakenException>(() => InstanceLock.Take(_folder.FullName, () => true));
        Assert.True(File.Exists(Path));
    }

    [Theory]
    [InlineData("link")]
    [InlineData("dangling link")]
    [InlineData("fifo")]
    [InlineData("empty folder")]
    public void What_is_no_file_makes_room_for_the_lock(string kind)
    {
        string target = System.IO.Path.Combine(_folder.FullName, "target");
        switch (kind)
        {
            case "link":
                File.WriteAllText(target, "kept");
                File.CreateSymbolicLink(Path, target);
                break;
            case "dangling link":
                File.CreateSymbolicLink(Path, target);
                break;
            case "fifo":
                using (var mkfifo = Process.Start("mkfifo", Path))
                {
                    mkfifo.WaitForExit();
                }
                break;
            default:
                Directory.CreateDirectory(Path);
                break;
        }

        using var held = Take();

        Assert.Equal(FileKind.RegularFile, PosixFile.Status(Path).Kind);
        Assert.Equal(kind == "link", File.Exists(target));
        Assert.Throws<InstanceTakenException>(() => Take());
    }

    [Fact]
    public void Second_agent_is_refused_also_where_the_lock_file_is_removed()
    {
        using var held = Take();
        File.Delete(Path);

        Assert.Contains("Another agent works in", Assert.Throws<InstanceTakenException>(() => Take()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("file removed")]
    [InlineData("file replaced")]
    [InlineData("folder removed")]
    [InlineData("folder replaced")]
    public void Lock_that_was_removed_is_taken_anew(string what)
    {
        using var held = Take();
        Assert.False(held.RenewIfGone());
        if (what.StartsWith("file", StringComparison.Ordinal))
        {
            File.Delete(Path);
        }
        else
        {
            Directory.Move(_folder.FullName, _folder.FullName + ".away");
        }
        if (what == "folder replaced")
        {
            Directory.CreateDirectory(_folder.FullName);
        }
        if (what == "file replaced")
        {
            File.WriteAllText(Path, "");
        }
        try
        {
            Assert.True(held.RenewIfGone());
            Assert.False(held.RenewIfGone());
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
            Assert.Throws<InstanceTakenException>(() => Take());
        }
        finally
        {
            if (Directory.Exists(_folder.FullName + ".away"))
            {
                Directory.Delete(_folder.FullName + ".away", recursive: true);
            }
        }
    }

    [Fact]
    public void Folder_with_something_in_it_is_not_removed_but_said()
    {
        Directory.CreateDirectory(System.IO.Path.Combine(Path, "inside"));

        string message = Assert.Throws<StartException>(() => Take()).Message;

        Assert.Contains($"The lock file {Path} cannot be made", message, StringComparison.Ordinal);
        Assert.Contains("Remove what lies there", message, StringComparison.Ordinal);
    }

    private InstanceLock Take() => InstanceLock.Take(_folder.FullName, () => false);
}
