namespace CollectorAgent.Requirements;

/// <summary>A test that runs python3: the one that the packages of the distribution belong to.</summary>
internal sealed class PythonFactAttribute : FactAttribute
{
    public PythonFactAttribute() => Skip = Requires.Installed(File.Exists("/usr/bin/python3"), "python3");
}
