using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Rollouts;

/// <summary>Sums of a trajectory's observations and of their squares, feature by feature: what a running normalisation is made of.</summary>
internal abstract unsafe class ObservationSums
{
    /// <summary>Rows added up in single precision, in 16 partial sums, before they move to double.</summary>
    private const int RowsBetweenFlushes = 64;

    /// <summary>Adds up the observations that actions were taken on.</summary>
    /// <param name="trajectory">Keeps its steps; idle lanes observe zeros, which add nothing.</param>
    /// <param name="sum">[ObservationSize]; overwritten.</param>
    /// <param name="squares">[ObservationSize]; overwritten.</param>
    public abstract void Compute(Trajectory trajectory, double* sum, double* squares);

    public static ObservationSums Create() => LaneWidth.Dispatch<Factory, ObservationSums>(default);

    private readonly struct Factory : ILaneVisitor<ObservationSums>
    {
        public ObservationSums Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes> => new Typed<TLanes>();
    }

    private sealed class Typed<TLanes> : ObservationSums where TLanes : unmanaged, ILanes<TLanes>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Compute(Trajectory trajectory, double* sum, double* squares)
        {
            int features = trajectory.Specification.ObservationSize;
            float* partial = stackalloc float[32];
            for (int feature = 0; feature < features; feature++)
            {
                sum[feature] = 0;
                squares[feature] = 0;
                for (int start = 0; start < trajectory.Rows; start += RowsBetweenFlushes)
                {
                    int end = Math.Min(start + RowsBetweenFlushes, trajectory.Rows);
                    for (int part = 0; part < 16; part += TLanes.Count)
                        Add(trajectory, feature, start, end, part, partial + part);
                    sum[feature] += FixedOrder.ReduceLanes(partial);
                    squares[feature] += FixedOrder.ReduceLanes(partial + 16);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Add(Trajectory trajectory, int feature, int start, int end, int part, float* partial)
        {
            TLanes sum = TLanes.Zero, squares = TLanes.Zero;
            for (int row = start; row < end; row++)
            {
                int lanes = trajectory.LaneCount[row];
                float* values = trajectory.Observation(trajectory.Cell[row]) + feature * lanes + part;
                for (int group = 0; group < lanes; group += 16)
                {
                    TLanes value = TLanes.Load(values + group);
                    sum += value;
                    squares = TLanes.FusedMultiplyAdd(value, value, squares);
                }
            }

            TLanes.Store(sum, partial);
            TLanes.Store(squares, partial + 16);
        }
    }
}
