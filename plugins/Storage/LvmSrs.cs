namespace CollectorAgent.Storage;

/// <summary>The SRs that are volume groups, as LVM listed them last.</summary>
/// <remarks>Its members are called by one thread, that of the samples, and never wait for LVM.</remarks>
public sealed class LvmSrs : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly VolumeGroupMap _map;
    private readonly SlowQuestion<IReadOnlyList<VolumeGroup>> _lvm;
    private readonly TextWriter _errors;
    private IReadOnlyList<VolumeGroup>? _listed;
    private IReadOnlyList<LvmSr> _srs = [];
    private string? _trouble;
    private bool _hasFoundAny;

    /// <param name="errors">Is told when something cannot be known, and when it can again.</param>
    public LvmSrs(LvmOptions options, TimeProvider time, TextWriter errors)
    {
        _map = new VolumeGroupMap(options.Map, errors);
        var lvm = new Lvm(options.Folder, options.Config);
        _lvm = new SlowQuestion<IReadOnlyList<VolumeGroup>>("LVM", lvm.List, options.Period, Deadline, time, errors);
        _errors = errors;
    }

    /// <summary>Whether LVM has told of everything it has, and no volume group was an SR since the start.</summary>
    public bool HasFoundNothing => !_hasFoundAny && _lvm.IsComplete;

    /// <summary>Goes on asking, and says what is known now.</summary>
    /// <returns>The same object while it is the same; empty while nothing is known.</returns>
    public IReadOnlyList<LvmSr> Update()
    {
        bool isOtherMap = _map.Refresh();
        _lvm.Update();
        if (_lvm.Newest != _listed || isOtherMap)
        {
            _listed = _lvm.Newest;
            _srs = Assign(_listed ?? []);
        }
        return _srs;
    }

    public void Dispose() => _lvm.Dispose();

    private List<LvmSr> Assign(IReadOnlyList<VolumeGroup> groups)
    {
        var srs = groups
            .Select(group => _map.TryGetSr(group.Name, out string sr) ? new LvmSr(sr, group) : null)
            .OfType<LvmSr>()
            .GroupBy(sr => sr.Uuid)
            .ToList();
        _hasFoundAny |= srs.Count > 0;
        // A copied disk shows the same group twice: which of them is the SR nobody can tell.
        var doubtful = srs.Where(sr => sr.Count() > 1).Select(sr => $"SR {sr.Key} is more than one volume group; its values are unknown");
        string? trouble = string.Join("; ", doubtful) is { Length: > 0 } text ? text : null;
        if (trouble is not null && trouble != _trouble)
        {
            _errors.WriteLine(trouble);
        }
        _trouble = trouble;
        return [.. srs.Where(sr => sr.Count() == 1).Select(sr => sr.Single()).OrderBy(sr => sr.Uuid, StringComparer.Ordinal)];
    }
}
