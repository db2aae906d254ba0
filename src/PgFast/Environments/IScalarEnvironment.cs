namespace PgFast.Environments;

/// <summary>An environment written for one episode at a time: plain scalar code, which <see cref="ScalarEnvironment{TScalar}"/> runs in lanes and threads.</summary>
/// <typeparam name="TSelf">The implementing struct, which has no fields.</typeparam>
/// <remarks>
/// The caller owns all state, in a span of floats; the type owns none, so that episodes can run side by side. Integers up to 2²⁴ are exact in
/// a float; others fit with <see cref="BitConverter.Int32BitsToSingle(int)"/>. All randomness of an episode comes from the words of
/// <see cref="Reset"/>: what a step draws comes from a word kept in the state, for example as the id of
/// <see cref="Randomness.Philox.Generate(ulong, Randomness.RandomStream, ulong, uint)"/>. Idle lanes are stepped from the all-zero state:
/// a step from there with any action must give finite numbers. Methods must be thread-safe and must not allocate. To have the same bits on every
/// machine, keep off <see cref="MathF"/>'s transcendental functions, which differ between operating systems: <see cref="Numerics.Elementary"/>
/// has replacements.
/// </remarks>
public interface IScalarEnvironment<TSelf> where TSelf : struct, IScalarEnvironment<TSelf>
{
    /// <summary>Sizes and limits; the same object at every call.</summary>
    static abstract EnvironmentSpecification Specification { get; }

    /// <summary>Draws a start state.</summary>
    /// <param name="randomWords">[ResetWords]; random 32-bit words, see <see cref="Randomness.Philox.Uniform(uint)"/>.</param>
    /// <param name="state">[StateSize]; overwrite it.</param>
    /// <param name="observation">[ObservationSize]; overwrite it; empty where the observation is the state.</param>
    static abstract void Reset(ReadOnlySpan<uint> randomWords, Span<float> state, Span<float> observation);

    /// <summary>Advances by one step.</summary>
    /// <param name="state">[StateSize]; the state before the step; overwrite it with the state after it.</param>
    /// <param name="action">The action.</param>
    /// <param name="observation">[ObservationSize]; overwrite it; empty where the observation is the state.</param>
    /// <param name="reward">The step's reward.</param>
    /// <returns>Whether a terminal state is reached. The time limit is not the environment's concern.</returns>
    static abstract bool Step(Span<float> state, ScalarAction action, Span<float> observation, out float reward);
}

/// <summary>An action of a single episode.</summary>
public readonly ref struct ScalarAction
{
    private readonly ReadOnlySpan<float> _values;

    internal ScalarAction(ReadOnlySpan<float> values) => _values = values;

    /// <summary>A discrete action.</summary>
    /// <param name="storage">[1]; holds the action as long as it is used.</param>
    /// <param name="index">The action's number, from 0.</param>
    public static ScalarAction Discrete(Span<float> storage, int index)
    {
        storage[0] = BitConverter.Int32BitsToSingle(index);
        return new ScalarAction(storage);
    }

    /// <summary>A continuous action.</summary>
    /// <param name="values">[dimension], in the environment's unit.</param>
    public static ScalarAction Continuous(ReadOnlySpan<float> values) => new(values);

    /// <summary>The number of a discrete action, from 0.</summary>
    public int Index => BitConverter.SingleToInt32Bits(_values[0]);

    /// <summary>A component of a continuous action, in the environment's unit, not clipped to any limits.</summary>
    /// <param name="dimension">From 0.</param>
    public float this[int dimension] => _values[dimension];
}
