using System.Numerics;
using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Variance;

/// <summary>
/// Plays episodes to their end from saved states: for each action some that begin with it, and one that begins as the policy likes.
/// </summary>
/// <remarks>
/// Lanes are refilled. What a continuation gives does not depend on the lane or on the others: its id fixes its random numbers.
/// </remarks>
internal sealed unsafe class Continuations(NestedLanes lanes, int episodeLimit, int actions, int repetitions) : IDisposable
{
    /// <summary>Rows between two looks at the cancellation: a small part of a second.</summary>
    private const int RowsBetweenLooks = 1024;

    private readonly AlignedBuffer<double> _sum = new(NestedLanes.Count);
    private readonly AlignedBuffer<double> _factor = new(NestedLanes.Count);
    private readonly int[] _lastRow = new int[NestedLanes.Count];
    private readonly int[] _item = new int[NestedLanes.Count];

    /// <summary>Continuations of a state: [action][repetition], then the one whose first action is drawn.</summary>
    public int PerState { get; } = actions * repetitions + 1;

    /// <summary>Plays all continuations of some states.</summary>
    /// <param name="states">[state][SavedSize].</param>
    /// <param name="times">[state]; steps that the episode has behind it, below the time limit.</param>
    /// <param name="firstId">Id of the first continuation; the others follow.</param>
    /// <param name="discount">γ.</param>
    /// <param name="returns">[state][PerState]; overwritten with the returns from the state on.</param>
    /// <param name="drawnActions">[state]; overwritten with the first action of the last continuation.</param>
    /// <param name="cancellation">Looked at now and then.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Play(
        ReadOnlySpan<float> states, ReadOnlySpan<int> times, ulong firstId, double discount, Span<double> returns, Span<int> drawnActions,
        CancellationToken cancellation)
    {
        int items = times.Length * PerState, next = 0, nextTruncation = int.MaxValue;
        ulong live = 0, starting = NestedLanes.Count <= items ? ulong.MaxValue : (1UL << items) - 1;
        for (int row = 0; ; row++)
        {
            for (ulong rest = starting; rest != 0; rest &= rest - 1, next++)
            {
                int lane = BitOperations.TrailingZeroCount(rest), state = next / PerState;
                fixed (float* saved = &states[state * lanes.SavedSize])
                    lanes.Load(lane, saved);
                lanes.Start(lane, firstId + (ulong)next, row);
                _item[lane] = next;
                _sum.Pointer[lane] = 0;
                _factor.Pointer[lane] = 1;
                _lastRow[lane] = row + episodeLimit - times[state] - 1;
                nextTruncation = Math.Min(nextTruncation, _lastRow[lane]);
            }

            live |= starting;
            if (live == 0)
                return;
            if (row % RowsBetweenLooks == 0)
                cancellation.ThrowIfCancellationRequested();
            if (live != ulong.MaxValue)
                lanes.Hold(~live);
            lanes.Choose(row);
            SetFirstActions(starting, drawnActions);
            ulong ended = lanes.Step() & live;
            AddRewards(discount);
            if (row == nextTruncation)
                ended |= Truncated(live, row, out nextTruncation);

            starting = 0;
            int left = items - next;
            for (ulong rest = ended; rest != 0; rest &= rest - 1)
            {
                int lane = BitOperations.TrailingZeroCount(rest);
                returns[_item[lane]] = _sum.Pointer[lane];
                if (left-- > 0)
                    starting |= 1UL << lane;
            }

            live &= ~ended;
        }
    }

    public void Dispose()
    {
        _sum.Dispose();
        _factor.Dispose();
    }

    /// <summary>Replaces the policy's choice where a continuation begins with a given action.</summary>
    private void SetFirstActions(ulong starting, Span<int> drawnActions)
    {
        for (ulong rest = starting; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest), number = _item[lane] % PerState;
            if (number < PerState - 1)
                lanes.Action[lane] = number / repetitions;
            else
                drawnActions[_item[lane] / PerState] = lanes.Action[lane];
        }
    }

    /// <summary>sum += factor·reward; factor *= γ, in double precision: the return as its definition reads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddRewards(double discount)
    {
        float* reward = lanes.Reward;
        double* sum = _sum.Pointer;
        double* factor = _factor.Pointer;
        for (int lane = 0; lane < NestedLanes.Count; lane++)
        {
            sum[lane] += factor[lane] * reward[lane];
            factor[lane] *= discount;
        }
    }

    /// <summary>Lanes whose episode reaches the time limit at this row, and the next row at which one of the others may.</summary>
    private ulong Truncated(ulong live, int row, out int nextTruncation)
    {
        ulong truncated = 0;
        nextTruncation = int.MaxValue;
        for (ulong rest = live; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            if (_lastRow[lane] == row)
                truncated |= 1UL << lane;
            else
                nextTruncation = Math.Min(nextTruncation, _lastRow[lane]);
        }

        return truncated;
    }
}
