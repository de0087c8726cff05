namespace CollectorAgent.PluginHost.Tests;

/// <summary>A test that runs the real python3. Without it, it is skipped, but fails where changes are judged.</summary>
internal sealed class PythonFactAttribute : FactAttribute
{
    public PythonFactAttribute()
    {
        if (!File.Exists("/usr/bin/python3") && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = "python3 is not installed";
        }
    }
}
