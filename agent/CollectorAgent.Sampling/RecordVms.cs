namespace CollectorAgent.Sampling;

/// <summary>Which VMs are recorded.</summary>
public enum RecordVms
{
    /// <summary>Those that a plugin reports: not every toolstack tells of every VM.</summary>
    Resident,

    /// <summary>Those that a toolstack has told of, until it archives or migrates them.</summary>
    Told,
}
