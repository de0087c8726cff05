namespace CollectorAgent.Store;

/// <summary>A file of the store is none, or not that of its owner.</summary>
internal sealed class DamagedFileException(string reason) : Exception(reason);
