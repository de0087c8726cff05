namespace CollectorAgent.TestKit;

/// <summary>Files of the source tree that tests read.</summary>
public static class Repository
{
    private static readonly string Root = FindRoot();

    public static string PathOf(string path) => Path.Combine(Root, path);

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "CollectorAgent.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }
        return folder ?? throw new DirectoryNotFoundException("no CollectorAgent.sln above the tests");
    }
}
