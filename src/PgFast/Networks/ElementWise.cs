using System.Runtime.CompilerServices;
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

    /// <summary>destination[row][0..stride) = value[0..count), zero beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RepeatRow(float* value, int count, float* destination, int stride, int rows)
    {
        Span<float> first = new(destination, stride);
        first.Clear();
        new ReadOnlySpan<float>(value, count).CopyTo(first);
        for (int row = 1; row < rows; row++)
            first.CopyTo(new Span<float>(destination + (nint)row * stride, stride));
    }

    /// <summary>Applies the activation in place; <paramref name="count"/> is a multiple of 16.</summary>
    public static void Activate<TLanes>(Activation activation, float* values, int count) where TLanes : unmanaged, ILanes<TLanes>
    {
        if (activation == Activation.Relu)
            Relu<TLanes>(values, count);
        else
            Tanh<TLanes>(values, count);
    }

    /// <summary>delta *= f'(z), with f' written in terms of the activation f(z); <paramref name="count"/> is a multiple of 16.</summary>
    public static void MultiplyByDerivative<TLanes>(Activation activation, float* values, float* delta, int count)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        if (activation == Activation.Relu)
            ReluDerivative<TLanes>(values, delta, count);
        else
            TanhDerivative<TLanes>(values, delta, count);
    }

    /// <summary>sum[column] += Σ_row values[row][column], row after row; <paramref name="columns"/> is a multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddRows<TLanes>(float* values, int rows, int columns, float* sum) where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int column = 0; column < columns; column += TLanes.Count)
        {
            TLanes total = TLanes.Load(sum + column);
            float* value = values + column;
            for (int row = 0; row < rows; row++, value += columns)
                total += TLanes.Load(value);
            TLanes.Store(total, sum + column);
        }
    }

    /// <summary>destination += source, element by element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddToDouble(float* source, double* destination, int count)
    {
        for (int i = 0; i < count; i++)
            destination[i] += source[i];
    }

    /// <summary>destination −= source, element by element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SubtractFromDouble(float* source, double* destination, int count)
    {
        for (int i = 0; i < count; i++)
            destination[i] -= source[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Relu<TLanes>(float* values, int count) where TLanes : unmanaged, ILanes<TLanes>
    {
        // The integer maximum with 0 is the ReLU of a float, and leaves the multiply-add ports alone.
        for (int i = 0; i < count; i += TLanes.Count)
            TLanes.Store(TLanes.MaxInt32(TLanes.Load(values + i), TLanes.Zero), values + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tanh<TLanes>(float* values, int count) where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int i = 0; i < count; i += TLanes.Count)
            TLanes.Store(Elementary.Tanh(TLanes.Load(values + i)), values + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ReluDerivative<TLanes>(float* values, float* delta, int count) where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int i = 0; i < count; i += TLanes.Count)
            TLanes.Store(TLanes.Load(delta + i) & TLanes.GreaterThanInt32(TLanes.Load(values + i), TLanes.Zero), delta + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TanhDerivative<TLanes>(float* values, float* delta, int count) where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int i = 0; i < count; i += TLanes.Count)
        {
            TLanes value = TLanes.Load(values + i);
            TLanes.Store(TLanes.Load(delta + i) * TLanes.FusedNegateMultiplyAdd(value, value, TLanes.Broadcast(1f)), delta + i);
        }
    }
}
