using CollectorAgent.Sdk;

namespace CollectorAgent.XenPlugin;

/// <summary>What is free inside of the control domain, from its own kernel.</summary>
internal sealed class ControlDomainMemory(string procRoot, Domains domains)
{
    private readonly KernelFile _file = new(Path.Combine(procRoot, "meminfo"));

    public void Report(SampleBatch batch)
    {
        if (domains.FindVm(Domain.ControlDomainId) is not { } vm)
        {
            return;
        }
        var lines = new LineReader(_file.Read());
        while (lines.TryNext(out var line))
        {
            if (line.Next().SequenceEqual("MemAvailable:"u8) && line.TryNext(out ulong kib) && kib <= long.MaxValue)
            {
                batch.Report(vm.Memory.InternalFree, (long)kib);
                return;
            }
        }
        throw new MalformedFileException(_file.Path, "no number for MemAvailable");
    }
}
