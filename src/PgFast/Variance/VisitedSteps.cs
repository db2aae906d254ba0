using System.Numerics;
using System.Runtime.CompilerServices;
using PgFast.Randomness;

namespace PgFast.Variance;

/// <summary>Draws steps uniformly from all steps that the policy visits, each with the state that it starts from.</summary>
/// <remarks>
/// A try is an episode of its own and a time t, uniform over the time limit. It is a draw if the episode is still running at t, and comes
/// to nothing if not. A draw is therefore (s, t) with a probability proportional to that of visiting s at t: the distribution of a step
/// picked uniformly from all steps of many episodes, exactly, without weights, and independent of every other draw. On average a draw
/// takes no more environment steps than the time limit has, whatever the policy. Draws are taken in the order of tries, so that it does
/// not matter how soon a try was over.
/// </remarks>
internal sealed unsafe class VisitedSteps(NestedLanes lanes, int episodeLimit)
{
    /// <summary>A block of the reset stream that no start state reads: there the time comes from.</summary>
    private const uint TimeBlock = uint.MaxValue;

    private readonly int[] _times = new int[NestedLanes.Count];
    private readonly float[] _captured = new float[NestedLanes.Count * lanes.SavedSize];

    /// <summary>Draws steps.</summary>
    /// <param name="nextTry">Id of the first try; on return that of the first not used.</param>
    /// <param name="count">How many.</param>
    /// <param name="states">[count][SavedSize]; overwritten.</param>
    /// <param name="times">[count]; overwritten with t.</param>
    /// <param name="cancellation">Looked at every 64 tries.</param>
    public void Draw(ref ulong nextTry, int count, Span<float> states, Span<int> times, CancellationToken cancellation)
    {
        int size = lanes.SavedSize;
        for (int drawn = 0; drawn < count;)
        {
            cancellation.ThrowIfCancellationRequested();
            ulong captured = Try(nextTry);
            nextTry += NestedLanes.Count;
            for (; captured != 0 && drawn < count; captured &= captured - 1, drawn++)
            {
                int lane = BitOperations.TrailingZeroCount(captured);
                _captured.AsSpan(lane * size, size).CopyTo(states[(drawn * size)..]);
                times[drawn] = _times[lane];
            }
        }
    }

    /// <summary>Runs 64 tries side by side.</summary>
    /// <returns>Bit k is set where try k is a draw.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ulong Try(ulong first)
    {
        for (int lane = 0; lane < NestedLanes.Count; lane++)
        {
            PhiloxBlock block = Philox.Generate(lanes.Seed, RandomStream.NestedReset, first + (ulong)lane, TimeBlock);
            // The upper half of a 96-bit product: uniform to within 2⁻³².
            _times[lane] = (int)Math.BigMul(((ulong)block.Word1 << 32) | block.Word0, (ulong)episodeLimit, out _);
            lanes.Start(lane, first + (ulong)lane, 0);
        }

        lanes.Reset(first);
        ulong live = ulong.MaxValue, captured = 0;
        int size = lanes.SavedSize;
        for (int row = 0; ; row++)
        {
            for (ulong rest = live; rest != 0; rest &= rest - 1)
            {
                int lane = BitOperations.TrailingZeroCount(rest);
                if (_times[lane] != row)
                    continue;
                fixed (float* target = &_captured[lane * size])
                    lanes.Save(lane, target);
                captured |= 1UL << lane;
            }

            live &= ~captured;
            if (live == 0)
                return captured;
            if (live != ulong.MaxValue)
                lanes.Hold(~live);
            lanes.Choose(row);
            live &= ~lanes.Step();
        }
    }
}
