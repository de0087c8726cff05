using System.Text;
using NLog;
using NLog.Targets;

namespace CollectorAgent.Daemon;

/// <summary>Standard error: unlike NLog's console it says where a line was not written.</summary>
/// <param name="write">Writes a line, and may wait for ever; an IOException says that the line was not written.</param>
internal sealed class StandardErrorTarget(StandardErrorTarget.WriteBytes write) : TargetWithLayout
{
    public delegate void WriteBytes(ReadOnlySpan<byte> bytes);

    protected override void Write(LogEventInfo logEvent) => write(Encoding.UTF8.GetBytes(RenderLogEvent(Layout, logEvent) + "\n"));
}
