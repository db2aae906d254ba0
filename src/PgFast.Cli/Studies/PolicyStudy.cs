using PgFast.Variance;

namespace PgFast.Cli.Studies;

/// <summary>What was found for one policy.</summary>
/// <param name="Environment">The environment's name on the command line.</param>
/// <param name="Policy">The policy.</param>
/// <param name="Report">The numbers.</param>
/// <param name="Interrupted">Whether a signal ended the study early.</param>
internal sealed record PolicyStudy(string Environment, StudiedPolicy Policy, VarianceReport Report, bool Interrupted);
