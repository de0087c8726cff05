using System.Globalization;

namespace CollectorAgent.Protocol;

/// <summary>Reads the protobuf form of OpenMetrics 1.0. Messages lie at most five deep and are read where they lie.</summary>
/// <remarks>Fields may come in any order, so each message is gone over first for what describes it, then for what is in it.</remarks>
internal static class OpenMetricsProtobuf
{
    /// <exception cref="FormatException">The message is no OpenMetrics.</exception>
    public static void Read(ReadOnlySpan<byte> metricSet, MetricSources sources)
    {
        var fields = new ProtobufFields(metricSet);
        while (fields.Next())
        {
            if (fields.Field == 1)
            {
                ReadFamily(fields.Bytes, sources);
            }
        }
    }

    private static void ReadFamily(ReadOnlySpan<byte> message, MetricSources sources)
    {
        ReadOnlySpan<byte> name = default;
        ReadOnlySpan<byte> unit = default;
        ReadOnlySpan<byte> help = default;
        ulong type = 0;
        var fields = new ProtobufFields(message);
        while (fields.Next())
        {
            switch (fields.Field)
            {
                case 1:
                    name = fields.Text;
                    break;
                case 2:
                    type = fields.Varint;
                    break;
                case 3:
                    unit = fields.Text;
                    break;
                case 4:
                    help = fields.Text;
                    break;
            }
        }
        if (sources.BeginFamily(name) is not { } family)
        {
            return;
        }
        family.SetType(type <= (ulong)MetricType.Summary ? (MetricType)type
            : throw Broken(family, string.Create(CultureInfo.InvariantCulture, $"{type} is no type")));
        sources.Describe(family, help, isEscaped: false);
        sources.SetUnits(family, unit);
        fields = new ProtobufFields(message);
        while (fields.Next())
        {
            if (fields.Field == 5)
            {
                ReadMetric(family, fields.Bytes, sources);
            }
        }
    }

    private static void ReadMetric(MetricFamily family, ReadOnlySpan<byte> message, MetricSources sources)
    {
        sources.Labels.Clear();
        var fields = new ProtobufFields(message);
        while (fields.Next())
        {
            if (fields.Field == 1)
            {
                ReadLabel(fields.Bytes, sources.Labels);
            }
        }
        fields = new ProtobufFields(message);
        while (fields.Next())
        {
            if (fields.Field == 2)
            {
                ReadPoint(family, fields.Bytes, sources);
            }
        }
    }

    private static void ReadLabel(ReadOnlySpan<byte> message, SeriesLabels labels)
    {
        ReadOnlySpan<byte> name = default;
        ReadOnlySpan<byte> value = default;
        var fields = new ProtobufFields(message);
        while (fields.Next())
        {
            if (fields.Field == 1)
            {
                name = fields.Text;
            }
            else if (fields.Field == 2)
            {
                value = fields.Text;
            }
        }
        if (name.IsEmpty || MetricName.Length(name, mayHaveColon: false) != name.Length)
        {
            throw new FormatException($"'{Foreign.Shown(name)}' is no name of a label");
        }
        labels.Add(name, value, isEscaped: false);
    }

    private static void ReadPoint(MetricFamily family, ReadOnlySpan<byte> message, MetricSources sources)
    {
        int kind = 0;
        ReadOnlySpan<byte> value = default;
        var fields = new ProtobufFields(message);
        while (fields.Next())
        {
            if (fields.Field is >= 1 and <= 7)
            {
                kind = fields.Field;
                value = fields.Bytes;
            }
        }
        if (kind == 0)
        {
            sources.LeaveOut(family, default, "it has no value");
            return;
        }
        if (kind != KindOf(family.Type))
        {
            throw Broken(family, "a value of another type");
        }
        switch (family.Type)
        {
            case MetricType.Unknown or MetricType.Gauge:
                AddNumber(family, default, Number(value, isSigned: true), sources);
                break;
            case MetricType.Counter:
                AddNumber(family, "_total"u8, Number(value, isSigned: false), sources);
                break;
            case MetricType.Histogram:
                ReadHistogram(family, value, "_count"u8, "_sum"u8, sources);
                break;
            case MetricType.GaugeHistogram:
                ReadHistogram(family, value, "_gcount"u8, "_gsum"u8, sources);
                break;
            case MetricType.StateSet:
                ReadStates(family, value, sources);
                break;
            case MetricType.Summary:
                ReadSummary(family, value, sources);
                break;
            case MetricType.Info:
                sources.Add(family, "_info"u8, 1);
                break;
        }
    }

    /// <summary>Number of the field that a point of that type has.</summary>
    private static int KindOf(MetricType type) => type switch
    {
        MetricType.Unknown => 1,
        MetricType.Gauge => 2,
        MetricType.Counter => 3,
        MetricType.Histogram or MetricType.GaugeHistogram => 4,
        MetricType.StateSet => 5,
        MetricType.Info => 6,
        _ => 7,
    };

    private static void AddNumber(MetricFamily family, ReadOnlySpan<byte> suffix, double? value, MetricSources sources)
    {
        if (value is { } number)
        {
            sources.Add(family, suffix, number);
        }
        else
        {
            sources.LeaveOut(family, suffix, "it has no value");
        }
    }

    /// <summary>The double or the integer that begins most values, or nothing where neither is there.</summary>
    private static double? Number(ReadOnlySpan<byte> message, bool isSigned)
    {
        double? number = null;
        var fields = new ProtobufFields(message);
        while (fields.Next())
        {
            number = fields.Field switch
            {
                1 => fields.Double,
                2 => isSigned ? (long)fields.Varint : fields.Varint,
                _ => number,
            };
        }
        return number;
    }

    private static void ReadHistogram(
        MetricFamily family, ReadOnlySpan<byte> message, ReadOnlySpan<byte> countSuffix, ReadOnlySpan<byte> sumSuffix, MetricSources sources)
    {
        ulong count = 0;
        var fields = new ProtobufFields(message);
        while (fields.Next())
        {
            if (fields.Field == 3)
            {
                count = fields.Varint;
            }
            else if (fields.Field == 5)
            {
                ReadBucket(family, fields.Bytes, sources);
            }
        }
        AddCountAndSum(family, countSuffix, count, sumSuffix, Number(message, isSigned: true), sources);
    }

    private static void ReadBucket(MetricFamily family, ReadOnlySpan<byte> message, MetricSources sources)
    {
        ulong count = 0;
        double upperBound = 0;
        var fields = new ProtobufFields(message);
        while (fields.Next())
        {
            if (fields.Field == 1)
            {
                count = fields.Varint;
            }
            else if (fields.Field == 2)
            {
                upperBound = fields.Double;
            }
        }
        Span<byte> text = stackalloc byte[CanonicalNumber.MaxLength];
        sources.Labels.SetExtra("le"u8, text[..CanonicalNumber.Write(upperBound, text)]);
        sources.Add(family, "_bucket"u8, count);
    }

    private static void ReadSummary(MetricFamily family, ReadOnlySpan<byte> message, MetricSources sources)
    {
        ulong count = 0;
        var fields = new ProtobufFields(message);
        while (fields.Next())
        {
            if (fields.Field == 3)
            {
                count = fields.Varint;
            }
            else if (fields.Field == 5)
            {
                ReadQuantile(family, fields.Bytes, sources);
            }
        }
        AddCountAndSum(family, "_count"u8, count, "_sum"u8, Number(message, isSigned: true), sources);
    }

    private static void ReadQuantile(MetricFamily family, ReadOnlySpan<byte> message, MetricSources sources)
    {
        double quantile = 0;
        double value = 0;
        var fields = new ProtobufFields(message);
        while (fields.Next())
        {
            if (fields.Field == 1)
            {
                quantile = fields.Double;
            }
            else if (fields.Field == 2)
            {
                value = fields.Double;
            }
        }
        Span<byte> text = stackalloc byte[CanonicalNumber.MaxLength];
        sources.Labels.SetExtra("quantile"u8, text[..CanonicalNumber.Write(quantile, text)]);
        sources.Add(family, default, value);
    }

    private static void ReadStates(MetricFamily family, ReadOnlySpan<byte> message, MetricSources sources)
    {
        var fields = new ProtobufFields(message);
        while (fields.Next())
        {
            if (fields.Field == 1)
            {
                ReadState(family, fields.Bytes, sources);
            }
        }
    }

    private static void ReadState(MetricFamily family, ReadOnlySpan<byte> message, MetricSources sources)
    {
        bool isEnabled = false;
        ReadOnlySpan<byte> name = default;
        var fields = new ProtobufFields(message);
        while (fields.Next())
        {
            if (fields.Field == 1)
            {
                isEnabled = fields.Varint != 0;
            }
            else if (fields.Field == 2)
            {
                name = fields.Text;
            }
        }
        sources.Labels.SetExtra(family.Utf8Name, name);
        sources.Add(family, default, isEnabled ? 1 : 0);
    }

    private static void AddCountAndSum(
        MetricFamily family, ReadOnlySpan<byte> countSuffix, ulong count, ReadOnlySpan<byte> sumSuffix, double? sum, MetricSources sources)
    {
        sources.Labels.RemoveExtra();
        sources.Add(family, countSuffix, count);
        if (sum is { } number)
        {
            sources.Add(family, sumSuffix, number);
        }
    }

    private static FormatException Broken(MetricFamily family, string what) => new($"family {Foreign.Shown(family.Name)}: {what}");
}
