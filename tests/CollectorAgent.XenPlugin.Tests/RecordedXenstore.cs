namespace CollectorAgent.XenPlugin.Tests;

/// <summary>Answers what a real xenstore had, as <c>xenstore-ls -f</c> showed it, and what a test changes of it.</summary>
internal sealed class RecordedXenstore : IXenstore
{
    public Dictionary<string, string> Values { get; } = [];

    /// <summary>Answers nothing.</summary>
    public bool IsAway { get; set; }

    public void Load(string file)
    {
        Values.Clear();
        foreach (string line in File.ReadLines(file))
        {
            int separator = line.IndexOf(" = ", StringComparison.Ordinal);
            Values.Add(line[..separator], line[(separator + 3)..].Trim('"'));
        }
    }

    public string? Read(string path) => IsAway ? throw new IOException("xenstore is away") : Values.GetValueOrDefault(path);
}
