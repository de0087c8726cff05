using System.Runtime.CompilerServices;
using CollectorAgent;
using CollectorAgent.Daemon;
using CollectorAgent.Native;

// What has to be right before anything else is loaded, and before anything of the system is asked.
StandardStreams.Adopt();
var descriptors = new DescriptorBudget(PosixLimits.RaiseOpenFiles());
if (descriptors.Shortage is { } shortage)
{
    StandardStreams.SayNow($"collector-agent: {shortage}");
    return ExitCode.CannotStart;
}
PosixLimits.SetUmask(UnixFileMode.GroupWrite | UnixFileMode.OtherWrite);
return Run(args, descriptors);

// A method of its own: to compile it takes libraries, and each of them a descriptor.
[MethodImpl(MethodImplOptions.NoInlining)]
static int Run(string[] arguments, DescriptorBudget descriptors) => CommandLine.Run(arguments, descriptors);
