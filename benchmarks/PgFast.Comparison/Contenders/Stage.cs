namespace PgFast.Comparison.Contenders;

/// <summary>Updates, and the time in them alone.</summary>
/// <param name="Updates">How many.</param>
/// <param name="EnvironmentSteps">Steps of their episodes.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="ProcessorSeconds">Processor time of the process.</param>
/// <param name="AllocatedBytes">Managed memory allocated; null where there is none to count.</param>
internal sealed record Stage(long Updates, long EnvironmentSteps, double Seconds, double ProcessorSeconds, long? AllocatedBytes);
