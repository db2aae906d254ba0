using System.Diagnostics;
using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Measurement;

/// <summary>How many fused multiply-adds one thread of this machine can do: what a kernel's speed is held against.</summary>
public static class MachinePeak
{
    private const int Accumulators = 12;

    /// <summary>Measures the peak, with registers of the lane width in use (<see cref="LaneWidth.Count"/>).</summary>
    /// <param name="milliseconds">Time to spend, at least 1; the best of about ten repeats counts.</param>
    /// <returns>Billions of floating-point operations a second; a multiply-add counts as two.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="milliseconds"/> is not positive.</exception>
    /// <remarks>
    /// Twelve independent chains of multiply-adds on registers, nothing from memory: enough to hide the latency (4 to 5 cycles) at two
    /// a cycle. The best repeat is taken, as anything else on the machine only slows it down.
    /// </remarks>
    public static double MeasureGflops(int milliseconds = 50)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(milliseconds);
        return LaneWidth.Dispatch<Visitor, double>(new Visitor(milliseconds));
    }

    /// <summary>Cycles that one iteration of <see cref="CycleLoop"/> takes where a processor does two multiply-adds a cycle.</summary>
    internal const int CyclesPerIteration = Accumulators / 2;

    /// <summary>The chains alone, for so many iterations: a clock that ticks with the processor's own.</summary>
    internal static Action<int> CycleLoop() => LaneWidth.Dispatch<LoopVisitor, Action<int>>(default);

    private readonly struct LoopVisitor : ILaneVisitor<Action<int>>
    {
        public Action<int> Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes> =>
            static iterations => GC.KeepAlive(Multiply<TLanes>(iterations, 0.5f));
    }

    private readonly struct Visitor(int milliseconds) : ILaneVisitor<double>
    {
        public double Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes>
        {
            const int Repeats = 10;
            double secondsPerRepeat = milliseconds / 1000.0 / Repeats;
            int iterations = 64;
            double best = 0;
            for (int repeat = 0; repeat < Repeats;)
            {
                long start = Stopwatch.GetTimestamp();
                float sink = Multiply<TLanes>(iterations, 0.5f);
                double seconds = (double)(Stopwatch.GetTimestamp() - start) / Stopwatch.Frequency;
                GC.KeepAlive(sink);
                best = Math.Max(best, 2.0 * Accumulators * TLanes.Count * iterations / Math.Max(seconds, 1e-9) / 1e9);
                if (seconds < secondsPerRepeat / 2 && iterations < 1 << 28)
                    iterations *= 2;
                else
                    repeat++;
            }

            return best;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static unsafe float Multiply<TLanes>(int iterations, float factor) where TLanes : unmanaged, ILanes<TLanes>
    {
        // x ← ½x + ½ stays in (0, 1]: no overflow, no denormals.
        TLanes f = TLanes.Broadcast(factor);
        TLanes a0 = f, a1 = f, a2 = f, a3 = f, a4 = f, a5 = f, a6 = f, a7 = f, a8 = f, a9 = f, a10 = f, a11 = f;
        for (int i = 0; i < iterations; i++)
        {
            a0 = TLanes.FusedMultiplyAdd(a0, f, f);
            a1 = TLanes.FusedMultiplyAdd(a1, f, f);
            a2 = TLanes.FusedMultiplyAdd(a2, f, f);
            a3 = TLanes.FusedMultiplyAdd(a3, f, f);
            a4 = TLanes.FusedMultiplyAdd(a4, f, f);
            a5 = TLanes.FusedMultiplyAdd(a5, f, f);
            a6 = TLanes.FusedMultiplyAdd(a6, f, f);
            a7 = TLanes.FusedMultiplyAdd(a7, f, f);
            a8 = TLanes.FusedMultiplyAdd(a8, f, f);
            a9 = TLanes.FusedMultiplyAdd(a9, f, f);
            a10 = TLanes.FusedMultiplyAdd(a10, f, f);
            a11 = TLanes.FusedMultiplyAdd(a11, f, f);
        }

        TLanes sum = ((a0 + a1) + (a2 + a3)) + ((a4 + a5) + (a6 + a7)) + ((a8 + a9) + (a10 + a11));
        float* lanes = stackalloc float[16];
        TLanes.Store(sum, lanes);
        return lanes[0];
    }
}
