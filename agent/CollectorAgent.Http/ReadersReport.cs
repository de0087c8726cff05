namespace CollectorAgent.Http;

/// <summary>What readers take, copied at one moment.</summary>
/// <param name="Documents">Under construction, or on their way to readers.</param>
/// <param name="Bytes">Their share of memory.</param>
/// <param name="MaxBytes">What all of them may have.</param>
/// <param name="Waiting">Requests that wait for a share.</param>
/// <param name="Refused">Those that did not get one in time, since the start.</param>
/// <param name="Dropped">Readers that had one and did not read, since the start.</param>
/// <param name="GivenBytes">All shares since the start.</param>
public sealed record ReadersReport(int Documents, long Bytes, long MaxBytes, int Waiting, long Refused, long Dropped, long GivenBytes);
