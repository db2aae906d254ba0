using PgFast.Environments;
using PgFast.Networks;
using PgFast.Rollouts;

namespace PgFast.Variance;

/// <summary>Splits the variance of one step's gradient into what the state, the action and the rest of the trajectory contribute.</summary>
/// <remarks>
/// <para>
/// After Tucker, Bhupatiraju, Gu, Turner, Ghahramani and Levine, "The Mirage of Action-Dependent Baselines in Reinforcement Learning"
/// (2018), section 3. A step is drawn uniformly from all steps that the policy visits, and keeps its time t, as the time limit makes
/// the rest of the episode depend on it: below, s stands for (s, t). With g = (G − b(s)) ∇log π(a|s), G the discounted return from the
/// step on to the end of the episode or the time limit, the law of total variance reads
/// </para>
/// <para>tr Var(g) = Σ_s + Σ_a + Σ_τ = Var_s(E[g|s]) + E_s Var_a(E[g|s, a]) + E_{s,a} Var(g|s, a).</para>
/// <para>
/// From each state, every action is continued the same number of times and weighted by π(a|s). As nothing but the return is random once
/// s and a are given, all is made of the mean Q̂ and the variance of those returns and of inner products of scores. The square of an
/// estimate exceeds the square of what it estimates by the estimate's own variance, on average: that is subtracted everywhere, so that
/// all parts are unbiased, with however few states and continuations. They may therefore come out negative, and are not clipped.
/// </para>
/// <para>
/// Baselines: none, and the true V(s) = Σ π(a|s) Q(s, a). The parts are quadratic in Q, so V needs no estimate of its own: its noise is
/// subtracted with the rest. A baseline of the state alone changes neither Σ_s nor Σ_τ. The total is measured by itself: one more
/// continuation of each state, its first action drawn as well, gives one g, and these have a variance. There V̂ from the other
/// continuations stands for V; it is independent of the one that it is subtracted from, so the mean of g stays, and the variance that V̂
/// adds is estimated and subtracted.
/// </para>
/// <para>
/// States are independent of each other (<see cref="VisitedSteps"/>). Intervals come from a jackknife over 32 blocks of them. The numbers
/// depend on the arguments alone, not on threads or vector width. Where the policy has rare actions, single gradients are heavy-tailed:
/// with few states the interval of the total, which sees one action of each, then covers less often than it says.
/// </para>
/// </remarks>
internal sealed class NestedResets
{
    /// <summary>Fewest states that there are intervals for: one a block.</summary>
    public const int MinimumStates = Blocks;

    /// <summary>Continuations of each action of a state, unless told otherwise.</summary>
    public const int DefaultContinuations = 8;

    private const int Blocks = 32;

    private static readonly string[] BaselineNames = ["none", "state-value"];

    private readonly BatchedEnvironment _environment;
    private readonly NetworkParameters _parameters;
    private readonly int _continuations;

    /// <summary>Describes the split; allocates nothing yet.</summary>
    /// <param name="environment">Has discrete actions.</param>
    /// <param name="parameters">The frozen policy, which fits the environment; must outlive this object.</param>
    /// <param name="continuations">Continuations of each action of a state, at least 2.</param>
    /// <exception cref="ArgumentException">The policy does not fit the environment, or an argument is out of range.</exception>
    public NestedResets(BatchedEnvironment environment, NetworkParameters parameters, int continuations = DefaultContinuations)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(continuations, 2);
        EnvironmentSpecification specification = environment.Specification;
        if (!specification.Actions.IsDiscrete)
            throw new ArgumentException($"{specification.Name} has continuous actions, which cannot all be tried.", nameof(environment));
        if (parameters.Shape.InputSize != specification.ObservationSize || parameters.Shape.OutputSize != specification.Actions.Size)
            throw new ArgumentException($"The network {parameters.Shape} does not fit {specification.Name}.", nameof(parameters));
        if (NestedWorker.MostRows(specification, continuations) > int.MaxValue)
            throw new ArgumentException($"{specification.Name} has episodes too long for nested resets.", nameof(environment));
        _environment = environment;
        _parameters = parameters;
        _continuations = continuations;
    }

    /// <summary>Measures the split. Allocates its memory anew at every call.</summary>
    /// <param name="pool">Threads that share the work.</param>
    /// <param name="states">States to continue from, at least 1; with fewer than <see cref="MinimumStates"/> all numbers are NaN.</param>
    /// <param name="discount">γ in [0, 1].</param>
    /// <param name="confidence">Level of the intervals, in (0, 1).</param>
    /// <param name="seed">Seed of all random numbers.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Without a baseline, then with the state's value.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<VarianceDecomposition> Run(
        WorkerPool pool, int states, float discount, double confidence, ulong seed, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(states);
        if (!(discount is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(discount), discount, "A discount lies in [0, 1].");
        if (!(confidence is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "A confidence lies strictly between 0 and 1.");
        if (states < MinimumStates)
            return [.. BaselineNames.Select(name => Unknown(name, states))];

        NestedWorker?[] workers = new NestedWorker?[Math.Min(pool.Count, Blocks)];
        NestedSums[] sums = new NestedSums[Blocks];
        int parameterCount = _parameters.Shape.ParameterCount;
        try
        {
            for (int worker = 0; worker < workers.Length; worker++)
                workers[worker] = new NestedWorker(_environment, _parameters, _continuations);
            for (int block = 0; block < Blocks; block++)
                sums[block] = new NestedSums(parameterCount);
            pool.Run(Blocks, (worker, block) =>
            {
                int first = FirstStateOf(block, states);
                workers[worker]!.Run(sums[block], block, first, FirstStateOf(block + 1, states) - first, discount, seed, cancellation);
            });
            return Decompose(sums, confidence, parameterCount);
        }
        finally
        {
            foreach (NestedWorker? worker in workers)
                worker?.Dispose();
            foreach (NestedSums? block in sums)
                block?.Dispose();
        }
    }

    /// <summary>Blocks are as equal as they can be.</summary>
    private static int FirstStateOf(int block, int states) => (int)((long)block * states / Blocks);

    private static VarianceDecomposition[] Decompose(NestedSums[] blocks, double confidence, int parameterCount)
    {
        using NestedSums all = new(parameterCount), rest = new(parameterCount);
        foreach (NestedSums block in blocks)
            all.Add(block, 1);
        NestedParts[][] leftOut = new NestedParts[NestedSums.Baselines][];
        for (int baseline = 0; baseline < leftOut.Length; baseline++)
            leftOut[baseline] = new NestedParts[blocks.Length];
        for (int block = 0; block < blocks.Length; block++)
        {
            rest.CopyFrom(all);
            rest.Add(blocks[block], -1);
            for (int baseline = 0; baseline < leftOut.Length; baseline++)
                leftOut[baseline][block] = rest.Parts(baseline);
        }

        double[] weights = Array.ConvertAll(blocks, block => (double)all.States / block.States);
        VarianceDecomposition[] result = new VarianceDecomposition[leftOut.Length];
        for (int baseline = 0; baseline < result.Length; baseline++)
        {
            NestedParts parts = all.Parts(baseline);
            NestedParts[] others = leftOut[baseline];
            (double state, ConfidenceInterval stateInterval) = WithInterval(parts.State, others, part => part.State, weights, confidence);
            (double action, ConfidenceInterval actionInterval) = WithInterval(parts.Action, others, part => part.Action, weights, confidence);
            (double trajectory, ConfidenceInterval trajectoryInterval) =
                WithInterval(parts.Trajectory, others, part => part.Trajectory, weights, confidence);
            (double total, ConfidenceInterval totalInterval) = WithInterval(parts.Total, others, part => part.Total, weights, confidence);
            result[baseline] = new VarianceDecomposition
            {
                Baseline = BaselineNames[baseline],
                States = all.States,
                State = state,
                StateInterval = stateInterval,
                Action = action,
                ActionInterval = actionInterval,
                Trajectory = trajectory,
                TrajectoryInterval = trajectoryInterval,
                Total = total,
                TotalInterval = totalInterval,
            };
        }

        return result;
    }

    /// <summary>A number with its interval; NaN where there is no interval.</summary>
    private static (double Value, ConfidenceInterval Interval) WithInterval(
        double value, NestedParts[] leftOut, Converter<NestedParts, double> part, double[] weights, double confidence)
    {
        ConfidenceInterval interval = new JackknifeEstimate(value, Array.ConvertAll(leftOut, part), weights).Interval(confidence);
        return (interval.IsKnown ? value : double.NaN, interval);
    }

    private static VarianceDecomposition Unknown(string baseline, int states) => new()
    {
        Baseline = baseline,
        States = states,
        State = double.NaN,
        StateInterval = ConfidenceInterval.None,
        Action = double.NaN,
        ActionInterval = ConfidenceInterval.None,
        Trajectory = double.NaN,
        TrajectoryInterval = ConfidenceInterval.None,
        Total = double.NaN,
        TotalInterval = ConfidenceInterval.None,
    };
}
