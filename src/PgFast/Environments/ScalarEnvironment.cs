using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Environments;

/// <summary>Runs a scalar environment in lanes: <c>new Trainer&lt;ScalarEnvironment&lt;MyEnvironment&gt;&gt;()</c>.</summary>
/// <typeparam name="TScalar">The environment, written for one episode at a time.</typeparam>
/// <remarks>
/// Every lane's state is copied out, stepped and copied back: the policy, the random numbers and the gradient still work on all lanes at once, and
/// worker threads take lanes side by side. Where a step costs less than some ten nanoseconds, writing it for lanes pays.
/// </remarks>
public readonly struct ScalarEnvironment<TScalar> : IBatchedEnvironment<ScalarEnvironment<TScalar>>
    where TScalar : struct, IScalarEnvironment<TScalar>
{
    /// <summary>Floats of state, observation and action that fit on the stack.</summary>
    private const int MaximumFloats = 16_384;

    /// <inheritdoc/>
    public static EnvironmentSpecification Specification => TScalar.Specification;

    private static int ObservedSize => Specification.ObservationIsState ? 0 : Specification.ObservationSize;

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">State, observation and reset words are more than 16,384 numbers.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes> => Reset(batch, default(FastCall));

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">State, observation and action are more than 16,384 numbers.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes> => Step(batch, default(FastCall));

    /// <summary>Reset, with something to do before and after every call of the user's code.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Reset<TCall>(in ResetBatch batch, TCall call) where TCall : struct, IScalarCall
    {
        int words = Specification.ResetWords, size = Specification.StateSize, observed = ObservedSize;
        RequireRoom(words + size + observed);
        Span<uint> own = stackalloc uint[words];
        Span<float> state = stackalloc float[size], observation = stackalloc float[observed];
        for (int lane = 0; lane < batch.LaneCount; lane++)
        {
            for (int word = 0; word < words; word++)
                own[word] = BitConverter.SingleToUInt32Bits(batch.RandomWords[word, lane]);
            call.Reset<TScalar>(lane, own, state, observation);
            Store(state, batch.State, lane);
            Store(observation, batch.Observation, lane);
        }
    }

    /// <summary>Step, likewise.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static ulong Step<TCall>(in StepBatch batch, TCall call) where TCall : struct, IScalarCall
    {
        int size = Specification.StateSize, actions = Specification.ActionRows, observed = ObservedSize;
        RequireRoom(size + actions + observed);
        Span<float> state = stackalloc float[size], action = stackalloc float[actions], observation = stackalloc float[observed];
        ulong terminated = 0;
        for (int lane = 0; lane < batch.LaneCount; lane++)
        {
            Load(batch.State, lane, state);
            Load(batch.Action, lane, action);
            if (call.Step<TScalar>(lane, state, new ScalarAction(action), observation, out float reward))
                terminated |= 1UL << lane;
            Store(state, batch.NextState, lane);
            Store(observation, batch.Observation, lane);
            batch.Reward[0, lane] = reward;
        }

        return terminated;
    }

    private static void RequireRoom(int floats)
    {
        if (floats > MaximumFloats)
            throw new NotSupportedException($"{Specification.Name} has more than {MaximumFloats} numbers a step: write it for lanes, as an IBatchedEnvironment.");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Load(LaneRows rows, int lane, Span<float> column)
    {
        float* source = rows.Pointer + lane;
        for (int row = 0; row < column.Length; row++)
            column[row] = source[(nint)row * rows.LaneCount];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Store(Span<float> column, LaneRows rows, int lane)
    {
        float* target = rows.Pointer + lane;
        for (int row = 0; row < column.Length; row++)
            target[(nint)row * rows.LaneCount] = column[row];
    }
}
