using System.Globalization;
using CollectorAgent.Protocol;
using CollectorAgent.Sdk;

namespace CollectorAgent.XenPlugin;

/// <summary>An interface of a VM.</summary>
internal sealed class Vif(VifKey key)
{
    private Sources? _sources;

    public uint Domain => key.Domain;

    /// <summary>The sum of what its devices count.</summary>
    public VifCounters Counters { get; set; }

    public void Report(SampleBatch batch, Vm vm)
    {
        if (_sources is null || _sources.Owner != vm.Owner)
        {
            _sources = new Sources(vm, key.Number);
        }
        // Beyond 2^63 a counter goes on as a negative number: differences stay right, also where it wraps.
        batch.Report(_sources.Received, unchecked((long)Counters.ReceivedBytes));
        batch.Report(_sources.Sent, unchecked((long)Counters.SentBytes));
        batch.Report(_sources.ReceiveErrors, unchecked((long)Counters.ReceiveErrors));
        batch.Report(_sources.SendErrors, unchecked((long)Counters.SendErrors));
    }

    private sealed class Sources(Vm vm, uint number)
    {
        public Owner Owner => vm.Owner;

        public ReportedSource Received { get; } = Source(vm, number, "rx", "B/s", isDefault: true, "Bytes received on");

        public ReportedSource Sent { get; } = Source(vm, number, "tx", "B/s", isDefault: true, "Bytes sent on");

        public ReportedSource ReceiveErrors { get; } = Source(vm, number, "rx_errors", "err/s", isDefault: false, "Receive errors on");

        public ReportedSource SendErrors { get; } = Source(vm, number, "tx_errors", "err/s", isDefault: false, "Transmit errors on");

        private static ReportedSource Source(Vm vm, uint number, string what, string units, bool isDefault, string description) =>
            new(string.Create(CultureInfo.InvariantCulture, $"vif_{number}_{what}"))
            {
                Owner = vm.Owner,
                Incarnation = vm.Incarnation,
                Type = ReportedType.Derive,
                IsInteger = true,
                Units = units,
                Min = 0,
                IsDefault = isDefault,
                Description = string.Create(CultureInfo.InvariantCulture, $"{description} interface {number} of the VM."),
            };
    }
}
