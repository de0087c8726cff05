namespace CollectorAgent.TestKit;

/// <summary>A folder with programs <c>vgs</c> and <c>lvs</c> that print recorded reports, or do what a test says.</summary>
public sealed class FakeLvm : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    public FakeLvm()
    {
        foreach (string program in new[] { "vgs", "lvs" })
        {
            File.CreateSymbolicLink(PathOf(program), Fixture("fake"));
        }
        Does("vgs", $"cat '{Fixture("vgs.json")}'");
        Does("lvs", $"case \"$*\" in *data_percent*) cat '{Fixture("pools.json")}';; *) cat '{Fixture("lvs.json")}';; esac");
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("lvm-").FullName;

    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>From now on the program runs this shell script.</summary>
    public void Does(string program, string script) => File.WriteAllText(PathOf(program + ".script"), script + "\n");

    /// <summary>The arguments of each time the program was started.</summary>
    public string[] Calls(string program) => File.Exists(PathOf(program + ".calls")) ? File.ReadAllLines(PathOf(program + ".calls")) : [];

    public void Dispose()
    {
        // A program that nobody waits for any more may still be writing here.
        if (!SpinWait.SpinUntil(IsDeleted, Deadline))
        {
            throw new TimeoutException($"the folder {Folder} is still written to");
        }
    }

    public static string Fixture(string name) => Repository.PathOf(Path.Combine("tests/fixtures/lvm", name));

    private bool IsDeleted()
    {
        try
        {
            Directory.Delete(Folder, recursive: true);
        }
        catch (IOException)
        {
            return false;
        }
        return true;
    }
}
