namespace CollectorAgent.Peers.Tests;

/// <summary>A test with a receiver in Python. Without it, it is skipped, but fails where changes are judged.</summary>
internal sealed class PythonFactAttribute : FactAttribute
{
    public PythonFactAttribute()
    {
        bool isThere = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(f => File.Exists(Path.Combine(f, "python3")));
        if (!isThere && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = "python3 is not there; tests/run installs it";
        }
    }
}
