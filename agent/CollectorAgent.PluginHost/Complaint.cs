namespace CollectorAgent.PluginHost;

/// <summary>What a block has that is no value.</summary>
/// <param name="Kind">The same while the same goes wrong at the same place.</param>
/// <param name="Sentence">What is wrong, for people.</param>
internal readonly record struct Complaint(string Kind, string Sentence);
