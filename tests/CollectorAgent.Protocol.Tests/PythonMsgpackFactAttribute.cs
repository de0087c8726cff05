namespace CollectorAgent.Protocol.Tests;

/// <summary>A test that runs Debian's python3 with its msgpack.</summary>
internal sealed class PythonMsgpackFactAttribute : FactAttribute
{
    /// <summary>The one that the packages of the distribution belong to, whatever comes first on the path.</summary>
    public const string Python = "/usr/bin/python3";

    public PythonMsgpackFactAttribute() => Skip =
        Requires.Installed(Directory.Exists("/usr/lib/python3/dist-packages/msgpack"), "python3-msgpack");
}
