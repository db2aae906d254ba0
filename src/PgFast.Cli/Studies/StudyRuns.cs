using PgFast.Training;
using PgFast.Variance;

namespace PgFast.Cli.Studies;

/// <summary>Measures policies one after another.</summary>
internal static class StudyRuns
{
    /// <summary>Measures them all, or as far as it gets before a signal.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="policies">At least one; they share the time budget equally.</param>
    /// <param name="options">What to measure; the seed is each policy's own.</param>
    /// <param name="runner">Measures one.</param>
    /// <param name="progress">Told about all of them as one piece of work.</param>
    /// <param name="cancellation">Ends the study that is running, and begins no other.</param>
    /// <returns>In the order of the policies; those that were not begun are missing.</returns>
    public static IReadOnlyList<PolicyStudy> Execute(
        EnvironmentEntry environment, IReadOnlyList<StudiedPolicy> policies, VarianceOptions options, StudyRunner runner,
        StudyProgress progress, CancellationToken cancellation)
    {
        List<PolicyStudy> studies = [];
        foreach (StudiedPolicy policy in policies)
        {
            if (cancellation.IsCancellationRequested)
                break;
            VarianceOptions own = options with
            {
                Seed = policy.Seed,
                TimeBudget = options.TimeBudget / policies.Count,
                ObservationScaling = policy.ObservationScaling,
                ActionScale = policy.ActionScale,
                ValueFunction = policy.Value,
            };
            progress.Begin(studies.Count, policies.Count);
            try
            {
                VarianceReport report = runner(environment, policy.Shape, policy.Parameters, own, progress, cancellation);
                studies.Add(new PolicyStudy(environment.Name, policy, report, cancellation.IsCancellationRequested));
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        return studies;
    }
}
