namespace CollectorAgent.Rrd.Formats;

/// <summary>A document is no RRD.</summary>
public sealed class ArchiveFormatException(string message, Exception? inner = null) : Exception(message, inner);
