using System.Numerics;
using System.Runtime.CompilerServices;
using PgFast.Numerics;
using PgFast.Rollouts;

namespace PgFast.Estimators;

/// <summary>Passes over a shard's trajectory that turn rewards into returns, and returns into weights.</summary>
internal abstract unsafe class ReturnKernels : IDisposable
{
    /// <summary>Rows added up in single precision, in 16 partial sums, before they move to double.</summary>
    protected const int RowsBetweenFlushes = 64;

    /// <summary>Replaces each reward by G_t = r_t + γ·G_{t+1}, restarted at the end of each episode; 0 in idle lanes.</summary>
    /// <remarks>Sutton and Barto (2018), eq. 3.9. A time limit is a plain end.</remarks>
    public abstract void Returns(Trajectory trajectory, float discount);

    /// <summary>Adds the return that the estimator uses to the sum of its step index: what <see cref="Baseline.Time"/> needs.</summary>
    /// <param name="trajectory">Holds G_t.</param>
    /// <param name="estimator">Which return: G_0 for <see cref="Estimator.Total"/>, else G_t.</param>
    /// <param name="sum">[step]; accumulated into.</param>
    /// <param name="count">[step]; accumulated into.</param>
    public abstract void AddByStep(Trajectory trajectory, Estimator estimator, double* sum, int* count);

    /// <summary>Weight[t] = (value − baseline)·γ^t, with what the estimator says.</summary>
    /// <param name="trajectory">Holds G_t on entry.</param>
    /// <param name="request">What to compute.</param>
    public abstract void Weigh(Trajectory trajectory, in WeightRequest request);

    /// <summary>The return that the estimator uses, of every step: G_0 for <see cref="Estimator.Total"/>, else G_t.</summary>
    /// <param name="trajectory">Holds G_t.</param>
    /// <param name="estimator">Which return.</param>
    /// <param name="target">[cell]; overwritten.</param>
    public abstract void Targets(Trajectory trajectory, Estimator estimator, float* target);

    /// <summary>Mean of a number of all steps, and the sum of its squared deviations from it.</summary>
    /// <param name="trajectory">Says which cells are steps.</param>
    /// <param name="values">[cell]; the weights, or the targets of a learned baseline.</param>
    /// <remarks>Deviations are taken from the first value before they are squared, so that nearly equal values do not cancel.</remarks>
    public abstract (double Mean, double SquaredDeviations) Moments(Trajectory trajectory, float* values);

    public abstract void Dispose();

    public static ReturnKernels Create() => LaneWidth.Dispatch<Factory, ReturnKernels>(default);

    private readonly struct Factory : ILaneVisitor<ReturnKernels>
    {
        public ReturnKernels Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes> => new Typed<TLanes>();
    }

    private sealed class Typed<TLanes> : ReturnKernels where TLanes : unmanaged, ILanes<TLanes>
    {
        private const int Lanes = 64;

        // Rows of 64 lanes: running return; G_0; mean baseline; discount factor; time baseline.
        private readonly AlignedBuffer<float> _registers = new(5 * Lanes);
        private readonly int[] _step = new int[Lanes];

        private float* Return => _registers.Pointer;

        private float* StartReturn => Return + Lanes;

        private float* MeanBaseline => Return + 2 * Lanes;

        private float* Power => Return + 3 * Lanes;

        private float* TimeBaseline => Return + 4 * Lanes;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Returns(Trajectory trajectory, float discount)
        {
            TLanes gamma = TLanes.Broadcast(discount);
            float* running = Return;
            _registers.Span.Clear();
            ReadOnlySpan<LaneMove> moves = trajectory.Moves;
            int move = moves.Length - 1;
            for (int row = trajectory.Rows - 1; row >= 0; row--)
            {
                for (; move >= 0 && moves[move].Row == row + 1; move--)
                    running[moves[move].From] = running[moves[move].To];
                int lanes = trajectory.LaneCount[row];
                ulong all = Trajectory.LaneMask(lanes);
                float* weight = trajectory.Weight + trajectory.Cell[row];
                ulong ended = trajectory.Terminated[row] | trajectory.Truncated[row];
                ulong live = trajectory.Live[row];
                if (ended == 0 && live == all)
                {
                    for (int lane = 0; lane < lanes; lane += TLanes.Count)
                    {
                        TLanes value = TLanes.FusedMultiplyAdd(gamma, TLanes.Load(running + lane), TLanes.Load(weight + lane));
                        TLanes.Store(value, running + lane);
                        TLanes.Store(value, weight + lane);
                    }

                    continue;
                }

                for (int lane = 0; lane < lanes; lane += TLanes.Count, ended >>= TLanes.Count, live >>= TLanes.Count)
                {
                    TLanes after = TLanes.Load(running + lane) & ~TLanes.MaskFromBits((uint)ended);
                    TLanes value = TLanes.FusedMultiplyAdd(gamma, after, TLanes.Load(weight + lane)) & TLanes.MaskFromBits((uint)live);
                    TLanes.Store(value, running + lane);
                    TLanes.Store(value, weight + lane);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Weigh(Trajectory trajectory, in WeightRequest request)
        {
            bool isTotal = request.Estimator == Estimator.Total;
            bool isDiscounted = request.Estimator == Estimator.Discounted;
            TLanes gamma = TLanes.Broadcast(request.Discount);
            _registers.Span.Clear();
            ReadOnlySpan<LaneMove> moves = trajectory.Moves;
            int move = 0;
            for (int row = 0; row < trajectory.Rows; row++)
            {
                for (; move < moves.Length && moves[move].Row == row; move++)
                    MoveLane(moves[move].From, moves[move].To);
                int lanes = trajectory.LaneCount[row];
                ulong all = Trajectory.LaneMask(lanes);
                float* weight = trajectory.Weight + trajectory.Cell[row];
                ulong live = trajectory.Live[row];
                for (ulong starts = trajectory.Starts[row]; starts != 0; starts &= starts - 1)
                {
                    int lane = BitOperations.TrailingZeroCount(starts);
                    StartReturn[lane] = weight[lane];
                    MeanBaseline[lane] = request.BaselineOf(weight[lane]);
                    Power[lane] = 1;
                    _step[lane] = 0;
                }

                if (request.Baseline == Baseline.Time)
                {
                    for (ulong rest = live; rest != 0; rest &= rest - 1)
                    {
                        int lane = BitOperations.TrailingZeroCount(rest);
                        TimeBaseline[lane] = request.TimeBaselineOf(_step[lane]++, isTotal ? StartReturn[lane] : weight[lane]);
                    }
                }

                float* baseline = request.Baseline == Baseline.Time ? TimeBaseline : MeanBaseline;
                if (request.Value is not null)
                    baseline = request.Value + trajectory.Cell[row];
                for (int lane = 0; lane < lanes; lane += TLanes.Count)
                {
                    TLanes value = TLanes.Load((isTotal ? StartReturn : weight) + lane);
                    value -= TLanes.Load(baseline + lane);
                    if (isDiscounted)
                    {
                        TLanes power = TLanes.Load(Power + lane);
                        value *= power;
                        TLanes.Store(power * gamma, Power + lane);
                    }

                    if (live != all)
                        value &= TLanes.MaskFromBits((uint)(live >> lane));
                    TLanes.Store(value, weight + lane);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Targets(Trajectory trajectory, Estimator estimator, float* target)
        {
            new ReadOnlySpan<float>(trajectory.Weight, checked((int)trajectory.Cells)).CopyTo(new Span<float>(target, checked((int)trajectory.Cells)));
            if (estimator != Estimator.Total)
                return;
            ReadOnlySpan<LaneMove> moves = trajectory.Moves;
            int move = 0;
            for (int row = 0; row < trajectory.Rows; row++)
            {
                for (; move < moves.Length && moves[move].Row == row; move++)
                    MoveLane(moves[move].From, moves[move].To);
                long cell = trajectory.Cell[row];
                for (ulong starts = trajectory.Starts[row]; starts != 0; starts &= starts - 1)
                {
                    int lane = BitOperations.TrailingZeroCount(starts);
                    StartReturn[lane] = trajectory.Weight[cell + lane];
                }

                for (ulong rest = trajectory.Live[row]; rest != 0; rest &= rest - 1)
                {
                    int lane = BitOperations.TrailingZeroCount(rest);
                    target[cell + lane] = StartReturn[lane];
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void AddByStep(Trajectory trajectory, Estimator estimator, double* sum, int* count)
        {
            bool isTotal = estimator == Estimator.Total;
            ReadOnlySpan<LaneMove> moves = trajectory.Moves;
            int move = 0;
            for (int row = 0; row < trajectory.Rows; row++)
            {
                for (; move < moves.Length && moves[move].Row == row; move++)
                    MoveLane(moves[move].From, moves[move].To);
                float* weight = trajectory.Weight + trajectory.Cell[row];
                for (ulong starts = trajectory.Starts[row]; starts != 0; starts &= starts - 1)
                {
                    int lane = BitOperations.TrailingZeroCount(starts);
                    StartReturn[lane] = weight[lane];
                    _step[lane] = 0;
                }

                for (ulong rest = trajectory.Live[row]; rest != 0; rest &= rest - 1)
                {
                    int lane = BitOperations.TrailingZeroCount(rest);
                    int step = _step[lane]++;
                    sum[step] += isTotal ? StartReturn[lane] : weight[lane];
                    count[step]++;
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override (double Mean, double SquaredDeviations) Moments(Trajectory trajectory, float* values)
        {
            float pivot = values[0];
            double sum = 0, squares = 0;
            float* sums = _registers.Pointer;
            for (int start = 0; start < trajectory.Rows; start += RowsBetweenFlushes)
            {
                int end = Math.Min(start + RowsBetweenFlushes, trajectory.Rows);
                for (int part = 0; part < 16; part += TLanes.Count)
                    AddDeviations(trajectory, values, start, end, part, pivot, sums + part, sums + 16 + part);
                sum += FixedOrder.ReduceLanes(sums);
                squares += FixedOrder.ReduceLanes(sums + 16);
            }

            return (pivot + sum / trajectory.Steps, Math.Max(0, squares - sum * sum / trajectory.Steps));
        }

        /// <summary>One partial sum for each group of 16 lanes: four chains of additions instead of one.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void AddDeviations(
            Trajectory trajectory, float* values, int start, int end, int part, float pivot, float* sum, float* sumOfSquares)
        {
            int* laneCount = trajectory.LaneCount;
            ulong* liveLanes = trajectory.Live;
            long* cell = trajectory.Cell;
            float* weights = values + part;
            TLanes origin = TLanes.Broadcast(pivot);
            TLanes sum0 = TLanes.Zero, sum1 = TLanes.Zero, sum2 = TLanes.Zero, sum3 = TLanes.Zero;
            TLanes squares0 = TLanes.Zero, squares1 = TLanes.Zero, squares2 = TLanes.Zero, squares3 = TLanes.Zero;
            for (int row = start; row < end; row++)
            {
                int lanes = laneCount[row];
                ulong live = liveLanes[row];
                float* weight = weights + cell[row];
                live >>= part;
                AddDeviation(weight, origin, live, ref sum0, ref squares0);
                if (lanes > 16)
                    AddDeviation(weight + 16, origin, live >> 16, ref sum1, ref squares1);
                if (lanes > 32)
                    AddDeviation(weight + 32, origin, live >> 32, ref sum2, ref squares2);
                if (lanes > 48)
                    AddDeviation(weight + 48, origin, live >> 48, ref sum3, ref squares3);
            }

            TLanes.Store((sum0 + sum1) + (sum2 + sum3), sum);
            TLanes.Store((squares0 + squares1) + (squares2 + squares3), sumOfSquares);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void AddDeviation(float* weight, TLanes origin, ulong live, ref TLanes sum, ref TLanes squares)
        {
            TLanes deviation = (TLanes.Load(weight) - origin) & TLanes.MaskFromBits((uint)live);
            sum += deviation;
            squares = TLanes.FusedMultiplyAdd(deviation, deviation, squares);
        }

        public override void Dispose() => _registers.Dispose();

        /// <summary>Takes what is kept for an episode to its new lane.</summary>
        private void MoveLane(int from, int to)
        {
            StartReturn[to] = StartReturn[from];
            MeanBaseline[to] = MeanBaseline[from];
            Power[to] = Power[from];
            _step[to] = _step[from];
        }
    }
}
