using PgFast.Numerics;

namespace PgFast.Environments;

/// <summary>An environment: its dynamics for many lanes at once. The caller owns all state; the type owns none.</summary>
/// <typeparam name="TSelf">The implementing struct, which has no fields.</typeparam>
/// <remarks>
/// A lane is an environment. Write <see cref="Step{TLanes}"/> and <see cref="Reset{TLanes}"/> as the scalar formula, in a loop over
/// <c>lane += TLanes.Count</c>, with nothing but <see cref="ILanes{TSelf}"/> and <see cref="Elementary"/>: the results are then the
/// same to the last bit at any vector width. Mark both with <c>[MethodImpl(MethodImplOptions.AggressiveOptimization)]</c>, so that they
/// are compiled fully at once. The engine counts steps and truncates at the time limit, starts the next episode in a lane in the step
/// in which the last one ended, keeps the final observation, and holds idle lanes at zero: a step from the all-zero state with any
/// action must therefore give finite numbers. Methods must be thread-safe and must not allocate.
/// </remarks>
public interface IBatchedEnvironment<TSelf> where TSelf : struct, IBatchedEnvironment<TSelf>
{
    /// <summary>Sizes and limits; the same object at every call.</summary>
    static abstract EnvironmentSpecification Specification { get; }

    /// <summary>Draws a start state in every lane.</summary>
    /// <typeparam name="TLanes">The lane vector.</typeparam>
    /// <param name="batch">What to read and write.</param>
    static abstract void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes>;

    /// <summary>Advances every lane by one step, without any reset.</summary>
    /// <typeparam name="TLanes">The lane vector.</typeparam>
    /// <param name="batch">What to read and write.</param>
    /// <returns>Bit k is set where lane k reached a terminal state. The time limit is not the environment's concern.</returns>
    static abstract ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes>;
}
