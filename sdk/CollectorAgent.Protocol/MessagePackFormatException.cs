namespace CollectorAgent.Protocol;

/// <summary>The other side sent something that is no MessagePack, or not the value that is wanted there.</summary>
public sealed class MessagePackFormatException(string message, Exception? inner = null) : Exception(message, inner);
