namespace CollectorAgent.Protocol;

/// <summary>What kind of value comes next.</summary>
public enum MessagePackType
{
    /// <summary>No value.</summary>
    Nil,

    /// <summary>A truth value.</summary>
    Boolean,

    /// <summary>An integer of any size.</summary>
    Integer,

    /// <summary>A float of 32 or 64 bits.</summary>
    Float,

    /// <summary>Text in UTF-8.</summary>
    String,

    /// <summary>Bytes.</summary>
    Binary,

    /// <summary>Values in order.</summary>
    Array,

    /// <summary>Pairs of a key and a value.</summary>
    Map,

    /// <summary>Bytes with a type of an application's own, time stamps included.</summary>
    Extension,
}
