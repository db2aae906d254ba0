using System.Runtime.CompilerServices;
using static PgFast.Numerics.Constants;

namespace PgFast.Numerics;

// The backward pass of a layer with few outputs, in one pass over the activations below it: a product at a time would read them twice
// and what lies between once more, for one or two multiply-adds a value each.
internal static unsafe partial class MatrixMultiply
{
    /// <summary>Most outputs of <see cref="ThinBackward"/>: their weights and their gradients stay in registers.</summary>
    public static int MostThinOutputs<TLanes>() where TLanes : unmanaged, ILanes<TLanes> => TLanes.Count == 16 ? 4 : 2;

    /// <summary>
    /// weightGradient[o][j] = Σ_s δ[o][s]·activation[s][j] and below[s][j] = f′(activation[s][j])·Σ_o δ[o][s]·weight[o][j], whose sum over s is
    /// belowSum[j].
    /// </summary>
    /// <param name="delta">[outputs][samples], rows <paramref name="deltaStride"/> floats apart.</param>
    /// <param name="deltaStride">Floats between the rows of δ.</param>
    /// <param name="outputs">1 to <see cref="MostThinOutputs"/>.</param>
    /// <param name="weight">[outputs][columns], rows <paramref name="stride"/> floats apart.</param>
    /// <param name="weightGradient">Like the weights; overwritten.</param>
    /// <param name="activation">[samples][columns], rows <paramref name="stride"/> floats apart.</param>
    /// <param name="below">Like the activations; overwritten.</param>
    /// <param name="belowSum">[columns]; overwritten.</param>
    /// <param name="stride">Floats between rows.</param>
    /// <param name="samples">Number of samples.</param>
    /// <param name="columns">A multiple of 16.</param>
    /// <param name="relu">Whether f is max(·, 0), else tanh.</param>
    /// <remarks>Sums run as in <see cref="Product{TLanes}"/>, <see cref="GatedProduct{TLanes}"/> and its column sums: the same bits.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ThinBackward<TLanes>(
        float* delta, nint deltaStride, int outputs, float* weight, float* weightGradient, float* activation, float* below, float* belowSum,
        nint stride, int samples, int columns, bool relu)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        Thin thin = new(delta, deltaStride, weight, weightGradient, activation, below, belowSum, stride, samples, relu);
        switch (outputs)
        {
            case 1: RunThin<TLanes, One>(thin, columns); break;
            case 2: RunThin<TLanes, Two>(thin, columns); break;
            case 3: RunThin<TLanes, Three>(thin, columns); break;
            default: RunThin<TLanes, Four>(thin, columns); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunThin<TLanes, TOutputs>(in Thin thin, int columns)
        where TLanes : unmanaged, ILanes<TLanes>
        where TOutputs : struct, IConstant
    {
        int column = 0;
        for (; column <= columns - 2 * TLanes.Count; column += 2 * TLanes.Count)
            ThinStrip<TLanes, TOutputs, Two>(thin, column);
        if (column < columns)
            ThinStrip<TLanes, TOutputs, One>(thin, column);
    }

    /// <summary>One or two vectors of columns, all samples. wOV is vector V of the weights of output O, gOV of their gradient.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ThinStrip<TLanes, TOutputs, TVectors>(in Thin thin, int column)
        where TLanes : unmanaged, ILanes<TLanes>
        where TOutputs : struct, IConstant
        where TVectors : struct, IConstant
    {
        float* delta = thin.Delta, activation = thin.Activation + column, below = thin.Below + column;
        nint deltaStride = thin.DeltaStride, stride = thin.Stride;
        int samples = thin.Samples;
        bool relu = thin.Relu;
        LoadRow<TLanes, TOutputs, TVectors>(0, thin.Weight + column, stride, out TLanes w00, out TLanes w01);
        LoadRow<TLanes, TOutputs, TVectors>(1, thin.Weight + column, stride, out TLanes w10, out TLanes w11);
        LoadRow<TLanes, TOutputs, TVectors>(2, thin.Weight + column, stride, out TLanes w20, out TLanes w21);
        LoadRow<TLanes, TOutputs, TVectors>(3, thin.Weight + column, stride, out TLanes w30, out TLanes w31);
        TLanes g00 = TLanes.Zero, g01 = TLanes.Zero, g10 = TLanes.Zero, g11 = TLanes.Zero;
        TLanes g20 = TLanes.Zero, g21 = TLanes.Zero, g30 = TLanes.Zero, g31 = TLanes.Zero;
        TLanes sum0 = TLanes.Zero, sum1 = TLanes.Zero;
        for (int sample = 0; sample < samples; sample++, delta++, activation += stride, below += stride)
        {
            TLanes a0 = TLanes.Load(activation), a1 = TVectors.Value > 1 ? TLanes.Load(activation + TLanes.Count) : TLanes.Zero;
            TLanes d0 = TLanes.Zero, d1 = TLanes.Zero;
            float* forGradient = delta, forBelow = delta;
            MultiplyRow<TLanes, TOutputs, TVectors>(0, ref forGradient, deltaStride, a0, a1, ref g00, ref g01);
            MultiplyRow<TLanes, TOutputs, TVectors>(1, ref forGradient, deltaStride, a0, a1, ref g10, ref g11);
            MultiplyRow<TLanes, TOutputs, TVectors>(2, ref forGradient, deltaStride, a0, a1, ref g20, ref g21);
            MultiplyRow<TLanes, TOutputs, TVectors>(3, ref forGradient, deltaStride, a0, a1, ref g30, ref g31);
            MultiplyRow<TLanes, TOutputs, TVectors>(0, ref forBelow, deltaStride, w00, w01, ref d0, ref d1);
            MultiplyRow<TLanes, TOutputs, TVectors>(1, ref forBelow, deltaStride, w10, w11, ref d0, ref d1);
            MultiplyRow<TLanes, TOutputs, TVectors>(2, ref forBelow, deltaStride, w20, w21, ref d0, ref d1);
            MultiplyRow<TLanes, TOutputs, TVectors>(3, ref forBelow, deltaStride, w30, w31, ref d0, ref d1);
            if (relu)
            {
                d0 &= TLanes.GreaterThanInt32(a0, TLanes.Zero);
                d1 &= TLanes.GreaterThanInt32(a1, TLanes.Zero);
            }
            else
            {
                d0 *= OneMinusSquare(a0);
                d1 *= OneMinusSquare(a1);
            }

            TLanes.Store(d0, below);
            sum0 += d0;
            if (TVectors.Value == 1)
                continue;
            TLanes.Store(d1, below + TLanes.Count);
            sum1 += d1;
        }

        StoreRow<TLanes, TOutputs, TVectors>(0, thin.WeightGradient + column, stride, g00, g01);
        StoreRow<TLanes, TOutputs, TVectors>(1, thin.WeightGradient + column, stride, g10, g11);
        StoreRow<TLanes, TOutputs, TVectors>(2, thin.WeightGradient + column, stride, g20, g21);
        StoreRow<TLanes, TOutputs, TVectors>(3, thin.WeightGradient + column, stride, g30, g31);
        StoreRow<TLanes, One, TVectors>(0, thin.BelowSum + column, 0, sum0, sum1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow<TLanes, TRows, TVectors>(int row, float* target, nint stride, TLanes value0, TLanes value1)
        where TLanes : unmanaged, ILanes<TLanes>
        where TRows : struct, IConstant
        where TVectors : struct, IConstant
    {
        if (row >= TRows.Value)
            return;
        TLanes.Store(value0, target + row * stride);
        if (TVectors.Value > 1)
            TLanes.Store(value1, target + row * stride + TLanes.Count);
    }

    /// <summary>What <see cref="ThinBackward"/> reads and writes.</summary>
    private readonly struct Thin(
        float* delta, nint deltaStride, float* weight, float* weightGradient, float* activation, float* below, float* belowSum, nint stride,
        int samples, bool relu)
    {
        public readonly float* Delta = delta;
        public readonly nint DeltaStride = deltaStride;
        public readonly float* Weight = weight;
        public readonly float* WeightGradient = weightGradient;
        public readonly float* Activation = activation;
        public readonly float* Below = below;
        public readonly float* BelowSum = belowSum;
        public readonly nint Stride = stride;
        public readonly int Samples = samples;
        public readonly bool Relu = relu;
    }
}
