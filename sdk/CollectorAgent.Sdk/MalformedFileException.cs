namespace CollectorAgent.Sdk;

/// <summary>A kernel file does not hold what it should. What could be read of it has been reported.</summary>
/// <param name="path">The file.</param>
/// <param name="what">What it does not hold.</param>
public sealed class MalformedFileException(string path, string what) : IOException($"{path}: {what}");
