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
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">A multiple of 16.</param>
    /// <param name="stride">Floats between rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void DotRows<TLanes>(float* values, float* weight, float bias, float* output, int rows, int columns, int stride)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        float* partial = stackalloc float[16];
        for (int row = 0; row < rows; row++, values += stride)
        {
            for (int part = 0; part < 16; part += TLanes.Count)
            {
                TLanes sum = TLanes.Zero;
                for (int column = part; column < columns; column += 16)
                    sum = TLanes.FusedMultiplyAdd(TLanes.Load(values + column), TLanes.Load(weight + column), sum);
                TLanes.Store(sum, partial + part);
            }

            output[row] = FixedOrder.ReduceLanes(partial) + bias;
        }
    }

    /// <summary>sum[column] += Σ_row values[row][column], row after row; <paramref name="columns"/> is a multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddRows<TLanes>(float* values, int rows, int columns, int stride, float* sum) where TLanes : unmanaged, ILanes<TLanes>
    {
        int column = 0;
        for (; column <= columns - 4 * TLanes.Count; column += 4 * TLanes.Count)
        {
            float* value = values + column;
            float* target = sum + column;
            TLanes s0 = TLanes.Load(target), s1 = TLanes.Load(target + TLanes.Count);
            TLanes s2 = TLanes.Load(target + 2 * TLanes.Count), s3 = TLanes.Load(target + 3 * TLanes.Count);
            for (int row = 0; row < rows; row++, value += stride)
            {
                s0 += TLanes.Load(value);
                s1 += TLanes.Load(value + TLanes.Count);
                s2 += TLanes.Load(value + 2 * TLanes.Count);
                s3 += TLanes.Load(value + 3 * TLanes.Count);
            }

            TLanes.Store(s0, target);
            TLanes.Store(s1, target + TLanes.Count);
            TLanes.Store(s2, target + 2 * TLanes.Count);
            TLanes.Store(s3, target + 3 * TLanes.Count);
        }

        for (; column < columns; column += TLanes.Count)
        {
            TLanes total = TLanes.Load(sum + column);
            float* value = values + column;
            for (int row = 0; row < rows; row++, value += stride)
                total += TLanes.Load(value);
            TLanes.Store(total, sum + column);
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
