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
    /// <param name="weightGradient">Like the weights; overwritten, or added to.</param>
    /// <param name="activation">[row][columns], rows <paramref name="stride"/> floats apart.</param>
    /// <param name="row">[samples]; the row of each sample's activations.</param>
    /// <param name="below">[samples][columns], rows <paramref name="stride"/> floats apart; overwritten.</param>
    /// <param name="belowSum">[columns]; overwritten, or added to.</param>
    /// <param name="stride">Floats between rows.</param>
    /// <param name="samples">Number of samples.</param>
    /// <param name="columns">A multiple of 16.</param>
    /// <param name="relu">Whether f is max(·, 0), else tanh.</param>
    /// <param name="continues">Whether the sums over the samples go on from what is there.</param>
    /// <remarks>Sums run as in <see cref="Product{TLanes}"/>, <see cref="GatedProduct{TLanes}"/> and its column sums: the same bits.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ThinBackward<TLanes>(
        float* delta, nint deltaStride, int outputs, float* weight, float* weightGradient, float* activation, int* row, float* below,
        float* belowSum, nint stride, int samples, int columns, bool relu, bool continues)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        Thin thin = new(delta, deltaStride, weight, weightGradient, activation, row, below, belowSum, stride, samples, relu, continues);
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
        // Where the registers are many: four chains a sample, as two would wait for each other's last sum.
        if (TOutputs.Value == 1 && TLanes.Count == 16)
        {
            for (; column <= columns - 4 * TLanes.Count; column += 4 * TLanes.Count)
                ThinQuad<TLanes>(thin, column);
        }

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
        float* delta = thin.Delta, activations = thin.Activation + column, below = thin.Below + column;
        int* row = thin.Row;
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
        if (thin.Continues)
        {
            LoadRow<TLanes, TOutputs, TVectors>(0, thin.WeightGradient + column, stride, out g00, out g01);
            LoadRow<TLanes, TOutputs, TVectors>(1, thin.WeightGradient + column, stride, out g10, out g11);
            LoadRow<TLanes, TOutputs, TVectors>(2, thin.WeightGradient + column, stride, out g20, out g21);
            LoadRow<TLanes, TOutputs, TVectors>(3, thin.WeightGradient + column, stride, out g30, out g31);
            LoadRow<TLanes, One, TVectors>(0, thin.BelowSum + column, 0, out sum0, out sum1);
        }

        for (int sample = 0; sample < samples; sample++, delta++, below += stride)
        {
            float* activation = activations + row[sample] * stride;
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
            d0 = Gate(d0, a0, relu);
            d1 = Gate(d1, a1, relu);
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

    /// <summary>Four vectors of columns of a single output, all samples.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ThinQuad<TLanes>(in Thin thin, int column) where TLanes : unmanaged, ILanes<TLanes>
    {
        float* delta = thin.Delta, activations = thin.Activation + column, below = thin.Below + column;
        float* weight = thin.Weight + column, gradient = thin.WeightGradient + column, total = thin.BelowSum + column;
        int* row = thin.Row;
        nint stride = thin.Stride;
        int samples = thin.Samples;
        bool relu = thin.Relu;
        TLanes w0 = TLanes.Load(weight), w1 = TLanes.Load(weight + TLanes.Count);
        TLanes w2 = TLanes.Load(weight + 2 * TLanes.Count), w3 = TLanes.Load(weight + 3 * TLanes.Count);
        TLanes g0 = TLanes.Zero, g1 = TLanes.Zero, g2 = TLanes.Zero, g3 = TLanes.Zero;
        TLanes sum0 = TLanes.Zero, sum1 = TLanes.Zero, sum2 = TLanes.Zero, sum3 = TLanes.Zero;
        if (thin.Continues)
        {
            g0 = TLanes.Load(gradient);
            g1 = TLanes.Load(gradient + TLanes.Count);
            g2 = TLanes.Load(gradient + 2 * TLanes.Count);
            g3 = TLanes.Load(gradient + 3 * TLanes.Count);
            sum0 = TLanes.Load(total);
            sum1 = TLanes.Load(total + TLanes.Count);
            sum2 = TLanes.Load(total + 2 * TLanes.Count);
            sum3 = TLanes.Load(total + 3 * TLanes.Count);
        }

        for (int sample = 0; sample < samples; sample++, below += stride)
        {
            float* activation = activations + row[sample] * stride;
            TLanes x = TLanes.Broadcast(delta[sample]);
            TLanes a0 = TLanes.Load(activation), a1 = TLanes.Load(activation + TLanes.Count);
            TLanes a2 = TLanes.Load(activation + 2 * TLanes.Count), a3 = TLanes.Load(activation + 3 * TLanes.Count);
            g0 = TLanes.FusedMultiplyAdd(x, a0, g0);
            g1 = TLanes.FusedMultiplyAdd(x, a1, g1);
            g2 = TLanes.FusedMultiplyAdd(x, a2, g2);
            g3 = TLanes.FusedMultiplyAdd(x, a3, g3);
            TLanes d0 = Gate(TLanes.FusedMultiplyAdd(x, w0, TLanes.Zero), a0, relu);
            TLanes d1 = Gate(TLanes.FusedMultiplyAdd(x, w1, TLanes.Zero), a1, relu);
            TLanes d2 = Gate(TLanes.FusedMultiplyAdd(x, w2, TLanes.Zero), a2, relu);
            TLanes d3 = Gate(TLanes.FusedMultiplyAdd(x, w3, TLanes.Zero), a3, relu);
            TLanes.Store(d0, below);
            TLanes.Store(d1, below + TLanes.Count);
            TLanes.Store(d2, below + 2 * TLanes.Count);
            TLanes.Store(d3, below + 3 * TLanes.Count);
            sum0 += d0;
            sum1 += d1;
            sum2 += d2;
            sum3 += d3;
        }

        TLanes.Store(g0, gradient);
        TLanes.Store(g1, gradient + TLanes.Count);
        TLanes.Store(g2, gradient + 2 * TLanes.Count);
        TLanes.Store(g3, gradient + 3 * TLanes.Count);
        TLanes.Store(sum0, total);
        TLanes.Store(sum1, total + TLanes.Count);
        TLanes.Store(sum2, total + 2 * TLanes.Count);
        TLanes.Store(sum3, total + 3 * TLanes.Count);
    }

    /// <summary>The value times the activation's derivative, from the activation itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Gate<TLanes>(TLanes value, TLanes activation, bool relu) where TLanes : unmanaged, ILanes<TLanes> =>
        relu ? value & TLanes.GreaterThanInt32(activation, TLanes.Zero) : value * OneMinusSquare(activation);

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
        float* delta, nint deltaStride, float* weight, float* weightGradient, float* activation, int* row, float* below, float* belowSum, nint stride,
        int samples, bool relu, bool continues)
    {
        public readonly float* Delta = delta;
        public readonly nint DeltaStride = deltaStride;
        public readonly float* Weight = weight;
        public readonly float* WeightGradient = weightGradient;
        public readonly float* Activation = activation;
        public readonly int* Row = row;
        public readonly float* Below = below;
        public readonly float* BelowSum = belowSum;
        public readonly nint Stride = stride;
        public readonly int Samples = samples;
        public readonly bool Relu = relu;
        public readonly bool Continues = continues;
    }
}
