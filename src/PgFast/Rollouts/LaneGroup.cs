using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Rollouts;

/// <summary>Small things done to groups of 16 lanes between kernels. Emulated, with the same bits, where registers are narrower.</summary>
internal static unsafe class LaneGroup
{
    /// <summary>Sets the idle lanes of a group of 16 to zero in every row.</summary>
    /// <param name="values">First lane of the group in the first row.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="stride">Floats between rows.</param>
    /// <param name="idle">Bit k is set where lane k of the group is idle.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Clear(float* values, int rows, int stride, uint idle)
    {
        Lanes16 keep = ~Lanes16.MaskFromBits(idle);
        for (int row = 0; row < rows; row++, values += stride)
            Lanes16.Store(Lanes16.Load(values) & keep, values);
    }

    /// <summary>sum[lane] += value[lane].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(float* value, float* sum, int lanes)
    {
        for (int lane = 0; lane < lanes; lane += 16)
            Lanes16.Store(Lanes16.Load(sum + lane) + Lanes16.Load(value + lane), sum + lane);
    }

    /// <summary>target[lane] −= value[lane].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Subtract(float* value, float* target, int lanes)
    {
        for (int lane = 0; lane < lanes; lane += 16)
            Lanes16.Store(Lanes16.Load(target + lane) - Lanes16.Load(value + lane), target + lane);
    }

    /// <summary>target[lane] += constant.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddConstant(float constant, float* target, int lanes)
    {
        Lanes16 addend = Lanes16.Broadcast(constant);
        for (int lane = 0; lane < lanes; lane += 16)
            Lanes16.Store(Lanes16.Load(target + lane) + addend, target + lane);
    }
}
