namespace CollectorAgent.Rrd.Formats;

/// <summary>For whom a document of a whole RRD is written.</summary>
public enum RrdForm
{
    /// <summary>Readers: 15 digits, no times of single data sources.</summary>
    External,

    /// <summary>Archives and other agents: every data source with the time of its last sample, every number exact.</summary>
    Internal,
}
