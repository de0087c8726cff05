namespace CollectorAgent.Storage;

/// <summary>What came of a <see cref="SlowQuestion{T}"/>.</summary>
/// <param name="Value">Null where nothing is known.</param>
/// <param name="Trouble">What is missing and why, for people; null where nothing is.</param>
public readonly record struct Answer<T>(T? Value, string? Trouble)
    where T : class;
