using System.Runtime.CompilerServices;

namespace PgFast.Environments;

/// <summary>How <see cref="ScalarEnvironment{TScalar}"/> calls the user's code: as it is, or watched by a check.</summary>
internal interface IScalarCall
{
    void Reset<TScalar>(int lane, ReadOnlySpan<uint> randomWords, Span<float> state, Span<float> observation) where TScalar : struct, IScalarEnvironment<TScalar>;

    bool Step<TScalar>(int lane, Span<float> state, ScalarAction action, Span<float> observation, out float reward)
        where TScalar : struct, IScalarEnvironment<TScalar>;
}

/// <summary>Calls it, and nothing else.</summary>
internal readonly struct FastCall : IScalarCall
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Reset<TScalar>(int lane, ReadOnlySpan<uint> randomWords, Span<float> state, Span<float> observation)
        where TScalar : struct, IScalarEnvironment<TScalar> => TScalar.Reset(randomWords, state, observation);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Step<TScalar>(int lane, Span<float> state, ScalarAction action, Span<float> observation, out float reward)
        where TScalar : struct, IScalarEnvironment<TScalar> => TScalar.Step(state, action, observation, out reward);
}
