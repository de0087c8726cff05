namespace CollectorAgent.PluginHost;

/// <summary>A line that is no value.</summary>
/// <param name="Number">Its place in its block, from 1.</param>
/// <param name="Reason">What is wrong; the same while it goes wrong the same way.</param>
/// <param name="Text">The line, shortened.</param>
internal readonly record struct BadLine(int Number, string Reason, string Text);
