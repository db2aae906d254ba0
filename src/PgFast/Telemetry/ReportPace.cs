using System.Diagnostics;

namespace PgFast.Telemetry;

/// <summary>How often a long call reports its progress: the first time at once, then about ten times a second, which anyone can follow and nobody pays for.</summary>
internal struct ReportPace
{
    private static readonly long Interval = Stopwatch.Frequency / 10;

    private long _due;

    /// <summary>Whether a report is due now; if so, the next one is due later.</summary>
    public bool IsDue()
    {
        long now = Stopwatch.GetTimestamp();
        if (now < _due)
            return false;
        _due = now + Interval;
        return true;
    }
}
