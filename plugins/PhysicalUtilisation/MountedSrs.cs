using CollectorAgent.Native;
using CollectorAgent.Storage;

namespace CollectorAgent.PhysicalUtilisationPlugin;

/// <summary>The SRs that are folders. Each is looked at beside the others, so that a file server that is gone costs its own SR only.</summary>
/// <param name="root">The folder that has one for each SR, named by its uuid.</param>
/// <param name="open">The look at one of them.</param>
/// <param name="period">Time between two looks.</param>
/// <param name="errors">Is told when something cannot be known, and when it can again.</param>
internal sealed class MountedSrs(
    string root, Func<string, Func<CancellationToken, Answer<SrUse>>> open, TimeSpan period, TimeProvider time, TextWriter errors) : IDisposable
{
    /// <summary>Most looks at a time, and so most threads that hang; no others begin while there are as many.</summary>
    public const int MaxLooks = 64;

    private const int MaxNames = 4096;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    private readonly SortedDictionary<string, Entry> _srs = new(StringComparer.Ordinal);
    private string? _trouble;
    private bool _hasFoundAny;

    /// <summary>Whether there was no folder of an SR since the start, and the folder above could be read.</summary>
    public bool HasFoundNothing => !_hasFoundAny && _trouble is null;

    /// <summary>Goes on looking, and reports what is known now.</summary>
    /// <param name="report">Takes each SR that something is known of.</param>
    public void Update(Action<string, SrUse> report)
    {
        FindFolders();
        int underWay = _srs.Values.Count(sr => sr.Question.IsUnderWay);
        foreach (var (uuid, sr) in _srs)
        {
            underWay -= sr.Question.IsUnderWay ? 1 : 0;
            sr.Question.Update(mayAsk: sr.IsThere && underWay < MaxLooks);
            underWay += sr.Question.IsUnderWay ? 1 : 0;
            if (sr.IsThere && sr.Question.Newest is { } use)
            {
                report(uuid, use);
            }
        }
    }

    public void Dispose()
    {
        foreach (var sr in _srs.Values)
        {
            sr.Question.Dispose();
        }
    }

    private void FindFolders()
    {
        IReadOnlyList<string> names = [];
        string? trouble = null;
        try
        {
            names = PosixFolder.Names(root, MaxNames);
        }
        catch (PosixException e)
        {
            // It is made when the first SR is plugged.
            trouble = e.Errno == PosixException.NoSuchFile ? null : e.Message;
        }
        if (trouble is not null && trouble != _trouble)
        {
            errors.WriteLine(trouble);
        }
        _trouble = trouble;

        foreach (var sr in _srs.Values)
        {
            sr.IsThere = false;
        }
        foreach (string name in names)
        {
            if (!SrUuid.TryParse(name, out string uuid) || uuid != name)
            {
                continue;
            }
            if (!_srs.TryGetValue(uuid, out var sr))
            {
                var look = open(Path.Combine(root, name));
                sr = new Entry(new SlowQuestion<SrUse>("SR " + uuid, look, period, Deadline, time, errors));
                _srs.Add(uuid, sr);
            }
            sr.IsThere = true;
            _hasFoundAny = true;
        }
        // One whose look hangs is kept: were it to come back, it must not be looked at twice.
        foreach (var (uuid, _) in _srs.Where(pair => !pair.Value.IsThere && !pair.Value.Question.IsUnderWay).ToList())
        {
            _srs.Remove(uuid);
        }
    }

    private sealed class Entry(SlowQuestion<SrUse> question)
    {
        public SlowQuestion<SrUse> Question { get; } = question;

        public bool IsThere { get; set; }
    }
}
