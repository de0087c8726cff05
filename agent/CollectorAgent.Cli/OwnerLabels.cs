namespace CollectorAgent.Cli;

/// <summary>Names of owners that fit in a table: uuids are cut where what is left still tells them apart.</summary>
internal sealed class OwnerLabels
{
    private const int ShortUuid = 8;

    private readonly Dictionary<(string Kind, string Uuid), string> _labels;

    public OwnerLabels(IEnumerable<Column> columns)
    {
        var owners = columns.Select(c => (c.Kind, c.Uuid)).Distinct().ToList();
        bool isUnique = owners.Select(o => (o.Kind, Short(o.Uuid))).Distinct().Count() == owners.Count;
        _labels = owners.ToDictionary(o => o, o => o.Kind == "host" ? o.Kind : $"{o.Kind} {(isUnique ? Short(o.Uuid) : o.Uuid)}");
    }

    public string this[Column column] => _labels[(column.Kind, column.Uuid)];

    private static string Short(string uuid) => uuid.Length > ShortUuid ? uuid[..ShortUuid] : uuid;
}
