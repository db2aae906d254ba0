using PgFast.Environments;
using PgFast.Networks;
using PgFast.Rollouts;
using PgFast.Variance;

namespace PgFast.Tests.Support;

/// <summary>Splits the variance of a policy's gradient by nested resets.</summary>
internal static class NestedHarness
{
    /// <summary>Without a baseline, then with the state's value.</summary>
    public static IReadOnlyList<VarianceDecomposition> Run<TEnvironment>(
        PolicyCase policy, int states, double discount, ulong seed = 1, int threads = 1, double confidence = 0.95,
        int continuations = NestedResets.DefaultContinuations, CancellationToken cancellation = default)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        using NetworkParameters parameters = Parameters(policy);
        using WorkerPool pool = new(threads);
        return new NestedResets(BatchedEnvironment.Create<TEnvironment>(), parameters, continuations)
            .Run(pool, states, (float)discount, confidence, seed, cancellation);
    }

    /// <summary>The policy's parameters, as the engine holds them.</summary>
    public static NetworkParameters Parameters(PolicyCase policy)
    {
        NetworkParameters parameters = new(policy.Shape, mergeOutputs: policy.Shape.OutputSize == 2);
        policy.Parameters.CopyTo(parameters.Flat);
        parameters.Refresh();
        return parameters;
    }

    /// <summary>Σ_s, Σ_a, Σ_τ and the total.</summary>
    public static double[] Values(VarianceDecomposition split) => [split.State, split.Action, split.Trajectory, split.Total];

    /// <summary>Their intervals.</summary>
    public static ConfidenceInterval[] Intervals(VarianceDecomposition split) =>
        [split.StateInterval, split.ActionInterval, split.TrajectoryInterval, split.TotalInterval];
}
