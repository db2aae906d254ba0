using System.Numerics;
using System.Runtime.CompilerServices;
using PgFast.Numerics;
using PgFast.Rollouts;

namespace PgFast.Estimators;

/// <summary>Passes over a shard's trajectory that turn rewards into returns, and returns into weights.</summary>
internal abstract unsafe class ReturnKernels : IDisposable
{
    /// <summary>Cells added up in single precision, in 16 partial sums, before they move to double.</summary>
    protected const int CellsBetweenFlushes = 4096;

    /// <summary>Weight[t] = G_t = r_t + γ·G_{t+1}, restarted at the end of each episode; 0 in idle lanes.</summary>
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

    /// <summary>Sum and sum of squares of the weights of all steps.</summary>
    public abstract (double Sum, double SumOfSquares) Moments(Trajectory trajectory);

    public abstract void Dispose();

    public static ReturnKernels Create() => LaneWidth.Dispatch<Factory, ReturnKernels>(default);

    private readonly struct Factory : ILaneVisitor<ReturnKernels>
    {
        public ReturnKernels Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes> => new Typed<TLanes>();
    }

    private sealed class Typed<TLanes> : ReturnKernels where TLanes : unmanaged, ILanes<TLanes>
    {
        private const int Lanes = 64;

        // Rows of 64 lanes: running return; G_0; mean baseline; discount factor; sum and count of others at the lane's step.
        private readonly AlignedBuffer<float> _registers = new(8 * Lanes);
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
                float* reward = trajectory.Reward(trajectory.Cell[row]);
                float* weight = trajectory.Weight + trajectory.Cell[row];
                ulong ended = trajectory.Terminated[row] | trajectory.Truncated[row];
                ulong live = trajectory.Live[row];
                if (ended == 0 && live == all)
                {
                    for (int lane = 0; lane < lanes; lane += TLanes.Count)
                    {
                        TLanes value = TLanes.FusedMultiplyAdd(gamma, TLanes.Load(running + lane), TLanes.Load(reward + lane));
                        TLanes.Store(value, running + lane);
                        TLanes.Store(value, weight + lane);
                    }

                    continue;
                }

                for (int lane = 0; lane < lanes; lane += TLanes.Count, ended >>= TLanes.Count, live >>= TLanes.Count)
                {
                    TLanes after = TLanes.Load(running + lane) & ~TLanes.MaskFromBits((uint)ended);
                    TLanes value = TLanes.FusedMultiplyAdd(gamma, after, TLanes.Load(reward + lane)) & TLanes.MaskFromBits((uint)live);
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

                for (int lane = 0; lane < lanes; lane += TLanes.Count)
                {
                    TLanes value = TLanes.Load((isTotal ? StartReturn : weight) + lane);
                    value -= TLanes.Load((request.Baseline == Baseline.Time ? TimeBaseline : MeanBaseline) + lane);
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
        public override (double Sum, double SumOfSquares) Moments(Trajectory trajectory)
        {
            double sum = 0, squares = 0;
            float* sums = _registers.Pointer;
            long cells = trajectory.Cells;
            for (long start = 0; start < cells; start += CellsBetweenFlushes)
            {
                float* stop = trajectory.Weight + Math.Min(start + CellsBetweenFlushes, cells);
                for (int part = 0; part < 16; part += TLanes.Count)
                {
                    TLanes total = TLanes.Zero, totalOfSquares = TLanes.Zero;
                    for (float* weight = trajectory.Weight + start + part; weight < stop; weight += 16)
                    {
                        TLanes value = TLanes.Load(weight);
                        total += value;
                        totalOfSquares = TLanes.FusedMultiplyAdd(value, value, totalOfSquares);
                    }

                    TLanes.Store(total, sums + part);
                    TLanes.Store(totalOfSquares, sums + 16 + part);
                }

                sum += LaneTree.Sum(sums);
                squares += LaneTree.Sum(sums + 16);
            }

            return (sum, squares);
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
