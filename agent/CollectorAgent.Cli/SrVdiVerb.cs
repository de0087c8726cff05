using System.CommandLine;

namespace CollectorAgent.Cli;

/// <summary>What can be done with the stats VDI of an SR.</summary>
internal sealed class SrVdiVerb : Command
{
    public SrVdiVerb()
        : base("sr-vdi", "Reads or writes a stats VDI: the disk on an SR that keeps the archive of its RRD.")
    {
        Add(new SrVdiReadVerb());
        Add(new SrVdiWriteVerb());
        Add(new SrVdiCheckVerb());
    }
}
