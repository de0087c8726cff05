using System.Text;

namespace CollectorAgent.HostPlugin;

/// <summary>The devices that a kernel table lists, in its order. While the table lists the same ones, going through it allocates
/// nothing.</summary>
/// <remarks>A device that is not listed is forgotten: one that comes back under its name is another one.</remarks>
internal sealed class DeviceTable<T>(Func<string, T> create)
    where T : class
{
    private readonly List<(byte[] Name, T Device)> _entries = [];
    private int _position;

    public int Count => _entries.Count;

    /// <summary>Whether a device came or went since <see cref="Begin"/>.</summary>
    public bool IsChanged { get; private set; }

    public T this[int index] => _entries[index].Device;

    public void Begin()
    {
        _position = 0;
        IsChanged = false;
    }

    /// <summary>The device of the next line.</summary>
    public T Next(ReadOnlySpan<byte> name)
    {
        if (_position == _entries.Count || !name.SequenceEqual(_entries[_position].Name))
        {
            IsChanged = true;
            MoveHere(name);
        }
        return _entries[_position++].Device;
    }

    /// <summary>Forgets the devices that had no line.</summary>
    public void End()
    {
        IsChanged |= _position < _entries.Count;
        _entries.RemoveRange(_position, _entries.Count - _position);
    }

    private void MoveHere(ReadOnlySpan<byte> name)
    {
        for (int i = _position + 1; i < _entries.Count; i++)
        {
            if (name.SequenceEqual(_entries[i].Name))
            {
                var entry = _entries[i];
                _entries.RemoveAt(i);
                _entries.Insert(_position, entry);
                return;
            }
        }
        _entries.Insert(_position, (name.ToArray(), create(Encoding.UTF8.GetString(name))));
    }
}
