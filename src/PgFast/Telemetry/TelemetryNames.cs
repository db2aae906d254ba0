namespace PgFast.Telemetry;

/// <summary>The names under which listeners find what the engine measures of itself; <c>docs/watching.md</c> lists the instruments.</summary>
public static class TelemetryNames
{
    /// <summary>The meter: counters, durations and the newest values of training, evaluation, studies and agents.</summary>
    public const string Meter = "PgFast";

    /// <summary>The source of activities that take a while: a training run, an evaluation, a study.</summary>
    public const string ActivitySource = "PgFast";

    /// <summary>
    /// The source of one activity an update, for who asks for it by name: an update may take 20 µs, and who listens to <see cref="ActivitySource"/> wants no
    /// fifty thousand spans a second.
    /// </summary>
    public const string UpdateActivitySource = "PgFast.Updates";

    /// <summary>Attribute: the environment's name in the literature.</summary>
    public const string Environment = "pgfast.environment";

    /// <summary>Attribute: who does the updates, "trainer", "agent" or "textbook".</summary>
    public const string Source = "pgfast.source";
}
