namespace CollectorAgent.Cli.Tests;

/// <summary>A test that needs rrdtool: skipped without it on a developer's machine, never where CI is true.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RrdtoolFactAttribute : FactAttribute
{
    public RrdtoolFactAttribute()
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        if (!folders.Any(f => File.Exists(Path.Combine(f, "rrdtool"))) && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = "rrdtool is not installed";
        }
    }
}
