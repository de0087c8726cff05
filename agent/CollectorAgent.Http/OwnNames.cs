using System.Net;
using System.Text;
using CollectorAgent.Native;

namespace CollectorAgent.Http;

/// <summary>The names by which this host is asked for: its own, with the domains it searches, and what its table of hosts calls it.</summary>
/// <param name="etc">The folder of <c>hosts</c> and <c>resolv.conf</c>, see hosts(5) and resolv.conf(5).</param>
/// <param name="more">Other names, such as an alias.</param>
public sealed class OwnNames(string etc, IEnumerable<string> more, TimeProvider time)
{
    private const string Loopback = "localhost";

    // A longer table is read as far as this.
    private const int MaxBytes = 1 << 20;

    // Names and tables change; but not every stranger is to have them read.
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(10);

    private readonly HashSet<string> _more = new(more.Select(Plain), StringComparer.OrdinalIgnoreCase);
    private readonly Lock _gate = new();
    private HashSet<string> _found = [];
    private long? _read;

    /// <summary>Whether a name or address is one by which an administrator may call this host.</summary>
    /// <param name="host">Without a port; an IPv6 address in brackets or not.</param>
    public bool Has(string host)
    {
        string name = Plain(host);
        return IPAddress.TryParse(name.Trim('[', ']'), out _)
            || name.Equals(Loopback, StringComparison.OrdinalIgnoreCase)
            || name.EndsWith("." + Loopback, StringComparison.OrdinalIgnoreCase)
            || _more.Contains(name)
            || Found().Contains(name);
    }

    private HashSet<string> Found()
    {
        lock (_gate)
        {
            if (_read is not { } read || time.GetElapsedTime(read) > GoodFor)
            {
                _read = time.GetTimestamp();
                _found = new HashSet<string>(Find(Plain(Dns.GetHostName())), StringComparer.OrdinalIgnoreCase);
            }
            return _found;
        }
    }

    private IEnumerable<string> Find(string own)
    {
        string first = own.Split('.')[0];
        yield return own;
        yield return first;
        foreach (string[] words in Lines("resolv.conf").Where(w => w[0] is "search" or "domain"))
        {
            foreach (string domain in words[1..])
            {
                yield return $"{first}.{Plain(domain)}";
            }
        }
        foreach (string[] words in Lines("hosts"))
        {
            bool isOwn = words[1..].Any(w => w.Equals(own, StringComparison.OrdinalIgnoreCase) || w.Equals(first, StringComparison.OrdinalIgnoreCase));
            foreach (string name in isOwn || (IPAddress.TryParse(words[0], out var ip) && IPAddress.IsLoopback(ip)) ? words[1..] : [])
            {
                yield return Plain(name);
            }
        }
    }

    private IEnumerable<string[]> Lines(string file)
    {
        try
        {
            return [.. Encoding.UTF8.GetString(SmallFile.ReadLinked(Path.Combine(etc, file), MaxBytes)).Split('\n')
                .Select(l => l.Split('#')[0].Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries)).Where(w => w.Length > 1)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A host need not have it.
            return [];
        }
    }

    /// <summary>Without the dot with which a whole name may end.</summary>
    private static string Plain(string name) => name.EndsWith('.') ? name[..^1] : name;
}
