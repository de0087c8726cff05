namespace CollectorAgent.Hooks;

/// <summary>There is no data source, VM or SR of that name.</summary>
/// <param name="message">The name, and of what there is none.</param>
public sealed class DataSourceMissingException(string message) : Exception(message);
