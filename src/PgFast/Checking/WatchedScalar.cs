using PgFast.Environments;
using PgFast.Numerics;

namespace PgFast.Checking;

/// <summary>
/// A scalar environment in lanes, as <see cref="ScalarEnvironment{TScalar}"/> runs it, but with spans that hold no earlier lane's numbers, so that what is left unwritten shows; and with
/// the lane in which its code throws.
/// </summary>
/// <typeparam name="TScalar">The environment.</typeparam>
internal readonly struct WatchedScalar<TScalar> : IBatchedEnvironment<WatchedScalar<TScalar>> where TScalar : struct, IScalarEnvironment<TScalar>
{
    public static EnvironmentSpecification Specification => TScalar.Specification;

    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes> => ScalarEnvironment<TScalar>.Reset(batch, default(Watch));

    public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes> => ScalarEnvironment<TScalar>.Step(batch, default(Watch));

    private readonly struct Watch : IScalarCall
    {
        public void Reset<TCalled>(int lane, ReadOnlySpan<uint> randomWords, Span<float> state, Span<float> observation)
            where TCalled : struct, IScalarEnvironment<TCalled>
        {
            state.Fill(ProbeRows.Unwritten);
            observation.Fill(ProbeRows.Unwritten);
            try
            {
                TCalled.Reset(randomWords, state, observation);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                throw new CallException(nameof(Reset), lane, exception);
            }
        }

        public bool Step<TCalled>(int lane, Span<float> state, ScalarAction action, Span<float> observation, out float reward)
            where TCalled : struct, IScalarEnvironment<TCalled>
        {
            observation.Fill(ProbeRows.Unwritten);
            try
            {
                return TCalled.Step(state, action, observation, out reward);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                throw new CallException(nameof(Step), lane, exception);
            }
        }
    }
}
