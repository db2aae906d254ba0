using System.Runtime.CompilerServices;
using PgFast.Environments;
using PgFast.Numerics;
using PgFast.Randomness;
using PgFast.Reference;

namespace PgFast.Tests.Support;

/// <summary>How large a <see cref="Chain{TSize}"/> is.</summary>
internal interface IChainSize
{
    /// <summary>2 or 3.</summary>
    static abstract int Actions { get; }

    /// <summary>Its time limit.</summary>
    static abstract int StepLimit { get; }
}

internal readonly struct TwoActions : IChainSize
{
    public static int Actions => 2;

    public static int StepLimit => 4;
}

internal readonly struct ThreeActions : IChainSize
{
    public static int Actions => 3;

    public static int StepLimit => 6;
}

/// <summary>Every episode is one step: nothing follows an action.</summary>
internal readonly struct OneStep : IChainSize
{
    public static int Actions => 3;

    public static int StepLimit => 1;
}

/// <summary>A time limit that is none.</summary>
internal readonly struct Endless : IChainSize
{
    public static int Actions => 2;

    public static int StepLimit => int.MaxValue;
}

/// <summary>Four states, of which two are start states, with loops, ends and a time limit: small enough to enumerate.</summary>
/// <remarks>The state is a 32-bit integer, the observation one-hot. All that is random is the start and the actions.</remarks>
internal readonly struct Chain<TSize> : IBatchedEnvironment<Chain<TSize>> where TSize : struct, IChainSize
{
    public const int States = 4;

    /// <summary>Where an episode ends.</summary>
    public const int End = -1;

    /// <summary>[state][action]; the next state.</summary>
    private static readonly int[][] Next = [[1, 2, End], [2, 3, 0], [2, 3, End], [End, 0, 2]];

    /// <summary>[state][action].</summary>
    private static readonly float[][] Rewards = [[1, -0.5f, 2], [0.5f, 2, -1], [1.5f, -1, 0], [3, 0, 1]];

    public static EnvironmentSpecification Specification { get; } = new(
        "Chain", StateSize: 1, ObservationSize: States, ObservationIsState: false, ActionSpace.Discrete(TSize.Actions), TSize.StepLimit,
        ResetWords: 1, SolvedReturn: null);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            TLanes isSecond = TLanes.GreaterThan(Philox.Uniform(batch.RandomWords.Load<TLanes>(0, lane)), TLanes.Broadcast(0.5f));
            TLanes state = TLanes.BroadcastInt32(1) & isSecond;
            batch.State.Store(0, lane, state);
            Observe(batch.Observation, lane, state);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        ulong terminated = 0;
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            TLanes state = batch.State.Load<TLanes>(0, lane), action = batch.Action.Load<TLanes>(0, lane);
            TLanes next = TLanes.Zero, reward = TLanes.Zero;
            for (int s = 0; s < States; s++)
            {
                for (int a = 0; a < TSize.Actions; a++)
                {
                    TLanes here = TLanes.EqualInt32(state, TLanes.BroadcastInt32(s)) & TLanes.EqualInt32(action, TLanes.BroadcastInt32(a));
                    next = TLanes.Select(here, TLanes.BroadcastInt32(Next[s][a]), next);
                    reward = TLanes.Select(here, TLanes.Broadcast(Rewards[s][a]), reward);
                }
            }

            batch.NextState.Store(0, lane, next);
            batch.Reward.Store(0, lane, reward);
            Observe(batch.Observation, lane, next);
            terminated |= (ulong)TLanes.SignBits(next) << lane;
        }

        return terminated;
    }

    /// <summary>Everything about a policy on this chain, by enumeration in double precision.</summary>
    public static ChainTruth Solve(PolicyCase policy, double discount) => ChainTruth.Solve(policy, discount, TSize.StepLimit, Next, Rewards);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Observe<TLanes>(LaneRows observation, int lane, TLanes state) where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int s = 0; s < States; s++)
            observation.Store(s, lane, TLanes.Broadcast(1) & TLanes.EqualInt32(state, TLanes.BroadcastInt32(s)));
    }
}

/// <summary>What is true of a policy on a chain. A step is drawn uniformly from all visited steps.</summary>
/// <param name="Visits">[time][state]; probability that the drawn step is this one.</param>
/// <param name="State">Σ_s.</param>
/// <param name="Action">Σ_a without baseline.</param>
/// <param name="ActionWithValue">Σ_a with b = V(s, t).</param>
/// <param name="Trajectory">Σ_τ.</param>
internal sealed record ChainTruth(double[][] Visits, double State, double Action, double ActionWithValue, double Trajectory)
{
    public static ChainTruth Solve(PolicyCase policy, double discount, int limit, int[][] next, float[][] rewards)
    {
        int states = next.Length, actions = policy.Shape.OutputSize;
        double[][] probabilities = new double[states][];
        double[][][] scores = new double[states][][];
        ReferenceNetwork network = policy.Reference;
        double[] parameters = Closeness.ToDouble(policy.Parameters);
        for (int s = 0; s < states; s++)
        {
            double[] observation = new double[states];
            observation[s] = 1;
            double[][] activations = network.Forward(parameters, observation);
            probabilities[s] = ReferenceSoftmax.Probabilities(activations[^1]);
            scores[s] = new double[actions][];
            for (int a = 0; a < actions; a++)
            {
                scores[s][a] = new double[network.ParameterCount];
                network.Backward(parameters, activations, ReferenceSoftmax.LogProbabilityGradient(activations[^1], a), scores[s][a]);
            }
        }

        // Forward: chances of being in a state at a time, then normalised over all steps.
        double[][] visits = [.. Enumerable.Range(0, limit).Select(_ => new double[states])];
        visits[0][0] = visits[0][1] = 0.5;
        for (int t = 0; t + 1 < limit; t++)
        {
            for (int s = 0; s < states; s++)
            {
                for (int a = 0; a < actions; a++)
                {
                    if (next[s][a] >= 0)
                        visits[t + 1][next[s][a]] += visits[t][s] * probabilities[s][a];
                }
            }
        }

        double steps = visits.Sum(row => row.Sum());
        visits = [.. visits.Select(row => Array.ConvertAll(row, visit => visit / steps))];

        // Backward: first and second moments of the return, and with them the parts.
        double[] values = new double[states], squares = new double[states], mean = new double[network.ParameterCount];
        double meanNorm = 0, action = 0, actionWithValue = 0, trajectory = 0;
        for (int t = limit - 1; t >= 0; t--)
        {
            double[] valuesHere = new double[states], squaresHere = new double[states];
            for (int s = 0; s < states; s++)
            {
                double[] q = new double[actions], square = new double[actions];
                for (int a = 0; a < actions; a++)
                {
                    double reward = rewards[s][a];
                    bool goesOn = next[s][a] >= 0 && t + 1 < limit;
                    double value = goesOn ? discount * values[next[s][a]] : 0, valueSquare = goesOn ? discount * discount * squares[next[s][a]] : 0;
                    q[a] = reward + value;
                    square[a] = reward * reward + 2 * reward * value + valueSquare;
                    valuesHere[s] += probabilities[s][a] * q[a];
                    squaresHere[s] += probabilities[s][a] * square[a];
                }

                double[] stateMean = new double[mean.Length];
                for (int a = 0; a < actions; a++)
                {
                    double weight = visits[t][s] * probabilities[s][a], norm = scores[s][a].Sum(z => z * z);
                    for (int k = 0; k < mean.Length; k++)
                        stateMean[k] += probabilities[s][a] * q[a] * scores[s][a][k];
                    action += weight * q[a] * q[a] * norm;
                    actionWithValue += weight * (q[a] - valuesHere[s]) * (q[a] - valuesHere[s]) * norm;
                    trajectory += weight * (square[a] - q[a] * q[a]) * norm;
                }

                meanNorm += visits[t][s] * stateMean.Sum(x => x * x);
                for (int k = 0; k < mean.Length; k++)
                    mean[k] += visits[t][s] * stateMean[k];
            }

            values = valuesHere;
            squares = squaresHere;
        }

        return new ChainTruth(visits, meanNorm - mean.Sum(x => x * x), action - meanNorm, actionWithValue - meanNorm, trajectory);
    }

    /// <summary>Σ_s, Σ_a, Σ_τ and their sum, as decompositions list them.</summary>
    /// <param name="baseline"><c>none</c> or <c>state-value</c>.</param>
    public double[] Parts(string baseline)
    {
        double action = baseline == "none" ? Action : ActionWithValue;
        return [State, action, Trajectory, State + action + Trajectory];
    }
}
