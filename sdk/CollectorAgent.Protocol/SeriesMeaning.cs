namespace CollectorAgent.Protocol;

/// <summary>What a number of a metric family is.</summary>
internal enum SeriesMeaning
{
    /// <summary>No member of a family of this type has this suffix.</summary>
    Stranger,

    /// <summary>A value in the unit of the family.</summary>
    Value,

    /// <summary>A running total in the unit of the family.</summary>
    Total,

    /// <summary>A running total of events; it has no unit.</summary>
    Events,

    /// <summary>How many there are now; it has no unit.</summary>
    Population,

    /// <summary>When counting began: says nothing that could be recorded.</summary>
    Created,

    /// <summary>Says in its labels what it has to say: the number is always 1.</summary>
    Info,
}
