namespace CollectorAgent.Storage;

/// <summary>LVM printed something that is no report.</summary>
internal sealed class LvmReportException(string message) : IOException(message);
