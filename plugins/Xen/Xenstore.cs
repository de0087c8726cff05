using System.Text;
using CollectorAgent.XenPlugin.Native;

namespace CollectorAgent.XenPlugin;

/// <summary>The xenstore of this host. A connection that breaks costs one read.</summary>
internal sealed class Xenstore : IXenstore
{
    private XenstoreHandle? _connection;

    public string? Read(string path)
    {
        _connection ??= XenstoreHandle.Open();
        try
        {
            return _connection.Read(Encoding.UTF8.GetBytes(path + '\0'));
        }
        catch (IOException)
        {
            _connection.Dispose();
            _connection = null;
            throw;
        }
    }
}
