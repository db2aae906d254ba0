using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using PgFast.Numerics;

namespace PgFast.Networks;

/// <summary>What happens between matrix products: biases, activations, their derivatives, sums of rows.</summary>
internal static unsafe class ElementWise
{
    /// <summary>destination[row][lane] = value[row].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BroadcastRows<TLanes>(float* value, float* destination, int rows, int lanes) where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int row = 0; row < rows; row++)
        {
            TLanes broadcast = TLanes.Broadcast(value[row]);
            for (int lane = 0; lane < lanes; lane += TLanes.Count, destination += TLanes.Count)
                TLanes.Store(broadcast, destination);
        }
    }

    /// <summary>destination[column] = source[column]; <paramref name="columns"/> is a multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void CopyRow<TLanes>(float* source, float* destination, int columns) where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int column = 0; column < columns; column += TLanes.Count)
            TLanes.Store(TLanes.Load(source + column), destination + column);
    }

    /// <summary>output[row] = bias + Σ_k weight[k]·values[row][k], in 16 partial sums and a fixed tree.</summary>
    /// <param name="values">Rows <paramref name="stride"/> floats apart.</param>
    /// <param name="weight">[columns], zero-padded.</param>
    /// <param name="bias">Added last.</param>
    /// <param name="output">[rows]; overwritten.</param>
    /// <param name="rows">Number of rows, a multiple of 4.</param>
    /// <param name="columns">A multiple of 16.</param>
    /// <param name="stride">Floats between rows.</param>
    /// <remarks>Four rows at a time share the weights' loads, and most of the work of their trees.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void DotRows<TLanes>(float* values, float* weight, float bias, float* output, int rows, int columns, int stride)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        float* partial = stackalloc float[4 * 16];
        for (int row = 0; row < rows; row += 4, values += 4 * (nint)stride)
        {
            for (int part = 0; part < 16; part += TLanes.Count)
            {
                float* v0 = values + part, v1 = v0 + stride, v2 = v1 + stride, v3 = v2 + stride;
                TLanes s0 = TLanes.Zero, s1 = TLanes.Zero, s2 = TLanes.Zero, s3 = TLanes.Zero;
                for (int column = 0; column < columns; column += 16)
                {
                    TLanes w = TLanes.Load(weight + part + column);
                    s0 = TLanes.FusedMultiplyAdd(TLanes.Load(v0 + column), w, s0);
                    s1 = TLanes.FusedMultiplyAdd(TLanes.Load(v1 + column), w, s1);
                    s2 = TLanes.FusedMultiplyAdd(TLanes.Load(v2 + column), w, s2);
                    s3 = TLanes.FusedMultiplyAdd(TLanes.Load(v3 + column), w, s3);
                }

                TLanes.Store(s0, partial + part);
                TLanes.Store(s1, partial + 16 + part);
                TLanes.Store(s2, partial + 32 + part);
                TLanes.Store(s3, partial + 48 + part);
            }

            (FixedOrder.ReduceFour(partial) + Vector128.Create(bias)).Store(output + row);
        }
    }

    /// <summary>destination += sign·source, element by element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddToDouble(float* source, double* destination, int count, double sign = 1)
    {
        Vector512<double> factor = Vector512.Create(sign);
        int i = 0;
        for (; i <= count - 16; i += 16)
        {
            (Vector512<double> lower, Vector512<double> upper) = Vector512.Widen(Vector512.Load(source + i));
            (Vector512.Load(destination + i) + lower * factor).Store(destination + i);
            (Vector512.Load(destination + i + 8) + upper * factor).Store(destination + i + 8);
        }

        for (; i < count; i++)
            destination[i] += source[i] * sign;
    }

    /// <summary>values = tanh(values); <paramref name="count"/> is a multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tanh<TLanes>(float* values, int count) where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int i = 0; i < count; i += TLanes.Count)
            TLanes.Store(Elementary.Tanh(TLanes.Load(values + i)), values + i);
    }
}
