using System.Globalization;

namespace CollectorAgent.Storage;

/// <summary>Which volume group is which SR: what the map file says, else what the name says.</summary>
/// <remarks>The file is read again when it changes. See docs/sr-plugins.md.</remarks>
internal sealed class VolumeGroupMap(string path, TextWriter errors)
{
    private const string Prefix = "VG_XenStorage-";

    private const int MaxBytes = 64 << 10;

    private Dictionary<string, string> _srs = [];
    private (DateTime Written, long Length)? _read;
    private string? _trouble;

    /// <summary>Reads the file if it is another than last time.</summary>
    /// <returns>Whether it was.</returns>
    public bool Refresh()
    {
        try
        {
            var file = new FileInfo(path);
            (DateTime, long)? now = file.Exists ? (file.LastWriteTimeUtc, file.Length) : null;
            if (now == _read)
            {
                return false;
            }
            _srs = now is null ? [] : Read(file.Length);
            _read = now;
            _trouble = null;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What was read before still counts.
            if (e.Message != _trouble)
            {
                errors.WriteLine(e.Message);
                _trouble = e.Message;
            }
            return false;
        }
    }

    /// <param name="sr">The uuid of the SR that the group is.</param>
    public bool TryGetSr(string group, out string sr)
    {
        if (_srs.TryGetValue(group, out string? mapped))
        {
            sr = mapped;
            return true;
        }
        sr = "";
        return group.StartsWith(Prefix, StringComparison.Ordinal) && SrUuid.TryParse(group.AsSpan(Prefix.Length), out sr);
    }

    private Dictionary<string, string> Read(long length)
    {
        if (length > MaxBytes)
        {
            throw new IOException($"{path} is longer than {MaxBytes >> 10} KiB");
        }
        var srs = new Dictionary<string, string>();
        foreach (var (index, line) in File.ReadLines(path).Index())
        {
            string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0].StartsWith('#'))
            {
                continue;
            }
            if (words.Length != 2 || !SrUuid.TryParse(words[1], out string sr) || !srs.TryAdd(words[0], sr))
            {
                errors.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{path}, line {index + 1}: not the name of a volume group, once, and the uuid of an SR"));
            }
        }
        return srs;
    }
}
