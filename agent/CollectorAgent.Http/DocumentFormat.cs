namespace CollectorAgent.Http;

/// <summary>In which of two forms a document is wanted.</summary>
internal enum DocumentFormat
{
    Xml,
    Json,
}
