using System.Runtime.CompilerServices;
using static PgFast.Numerics.Constants;

namespace PgFast.Numerics;

// The gradient of a network with one hidden layer and one output over a few samples, in one pass that keeps the sums in registers: by products
// of their own, one of which has a single row, most of the time goes into waiting for the last sum.
internal static unsafe partial class MatrixMultiply
{
    /// <summary>Most rows of the input's factor in <see cref="OneHidden"/>: their sums stay in registers.</summary>
    public static int MostOneHiddenRows<TLanes>() where TLanes : unmanaged, ILanes<TLanes> => TLanes.Count == 16 ? 8 : 6;

    /// <summary>
    /// With δ[s][j] = f′(activation[s][j])·score[s]·weight[j]: lower[i][j] = Σ_s input[i][s]·δ[s][j], upper[j] = Σ_s output[s]·activation[s][j].
    /// </summary>
    /// <param name="factors">What is multiplied. Activations beyond <see cref="OneHiddenFactors.Columns"/> are a 1, for the bias, and padding.</param>
    /// <param name="lower">[rows][columns]; overwritten, or added to.</param>
    /// <param name="upper">[upperColumns]; overwritten, or added to.</param>
    /// <param name="continues">Whether the sums over the samples go on from what is there.</param>
    /// <remarks>Sums run as in products of their own: the same bits.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OneHidden<TLanes>(in OneHiddenFactors factors, float* lower, float* upper, bool continues)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        switch (factors.Rows)
        {
            case 1: RunOneHidden<TLanes, One>(factors, lower, upper, continues); break;
            case 2: RunOneHidden<TLanes, Two>(factors, lower, upper, continues); break;
            case 3: RunOneHidden<TLanes, Three>(factors, lower, upper, continues); break;
            case 4: RunOneHidden<TLanes, Four>(factors, lower, upper, continues); break;
            case 5: RunOneHidden<TLanes, Five>(factors, lower, upper, continues); break;
            case 6: RunOneHidden<TLanes, Six>(factors, lower, upper, continues); break;
            case 7: RunOneHidden<TLanes, Seven>(factors, lower, upper, continues); break;
            default: RunOneHidden<TLanes, Eight>(factors, lower, upper, continues); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunOneHidden<TLanes, TRows>(in OneHiddenFactors factors, float* lower, float* upper, bool continues)
        where TLanes : unmanaged, ILanes<TLanes>
        where TRows : struct, IConstant
    {
        int column = 0;
        for (; TLanes.Count == 16 && column <= factors.Columns - 2 * TLanes.Count; column += 2 * TLanes.Count)
            OneHiddenStrip<TLanes, TRows, Two>(factors, column, lower + column, upper + column, continues, HasOnes(factors, column + 2 * TLanes.Count));
        for (; column < factors.Columns; column += TLanes.Count)
            OneHiddenStrip<TLanes, TRows, One>(factors, column, lower + column, upper + column, continues, HasOnes(factors, column + TLanes.Count));
        if (!continues)
            new Span<float>(upper + Math.Min(column + TLanes.Count, factors.UpperColumns), Math.Max(0, factors.UpperColumns - column - TLanes.Count)).Clear();
    }

    /// <summary>
    /// Whether the strip that ends before <paramref name="column"/> is the last and the column of ones, from which the upper sums get their bias, comes after it:
    /// then it is summed with the strip, in whose shadow its chain of dependent sums costs nothing.
    /// </summary>
    private static bool HasOnes(in OneHiddenFactors factors, int column) => column == factors.Columns && column < factors.UpperColumns;

    /// <summary>One or two vectors of columns. gIV is vector V of row I of the lower sums, uV of the upper.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void OneHiddenStrip<TLanes, TRows, TVectors>(in OneHiddenFactors factors, int column, float* lower, float* upper, bool continues,
        bool hasOnes)
        where TLanes : unmanaged, ILanes<TLanes>
        where TRows : struct, IConstant
        where TVectors : struct, IConstant
    {
        float* input = factors.Input, output = factors.Output, score = factors.Score, activation = factors.Activation + column;
        nint inputStride = factors.InputStride, stride = factors.Stride, columns = factors.Columns;
        int samples = factors.Samples;
        bool relu = factors.Relu;
        LoadRow<TLanes, One, TVectors>(0, factors.Weight + column, 0, out TLanes w0, out TLanes w1);
        TLanes u0 = TLanes.Zero, u1 = TLanes.Zero, g00 = TLanes.Zero, g01 = TLanes.Zero, g10 = TLanes.Zero, g11 = TLanes.Zero;
        TLanes g20 = TLanes.Zero, g21 = TLanes.Zero, g30 = TLanes.Zero, g31 = TLanes.Zero, g40 = TLanes.Zero, g41 = TLanes.Zero;
        TLanes g50 = TLanes.Zero, g51 = TLanes.Zero, g60 = TLanes.Zero, g61 = TLanes.Zero, g70 = TLanes.Zero, g71 = TLanes.Zero;
        TLanes bias = TLanes.Zero;
        if (continues)
        {
            if (hasOnes)
                bias = TLanes.Load(upper + TVectors.Value * TLanes.Count);
            LoadRow<TLanes, One, TVectors>(0, upper, 0, out u0, out u1);
            LoadRow<TLanes, TRows, TVectors>(0, lower, columns, out g00, out g01);
            LoadRow<TLanes, TRows, TVectors>(1, lower, columns, out g10, out g11);
            LoadRow<TLanes, TRows, TVectors>(2, lower, columns, out g20, out g21);
            LoadRow<TLanes, TRows, TVectors>(3, lower, columns, out g30, out g31);
            LoadRow<TLanes, TRows, TVectors>(4, lower, columns, out g40, out g41);
            LoadRow<TLanes, TRows, TVectors>(5, lower, columns, out g50, out g51);
            LoadRow<TLanes, TRows, TVectors>(6, lower, columns, out g60, out g61);
            LoadRow<TLanes, TRows, TVectors>(7, lower, columns, out g70, out g71);
        }

        for (int sample = 0; sample < samples; sample++, input++, activation += stride)
        {
            TLanes a0 = TLanes.Load(activation), a1 = TVectors.Value > 1 ? TLanes.Load(activation + TLanes.Count) : TLanes.Zero;
            TLanes x = TLanes.Broadcast(output[sample]), d = TLanes.Broadcast(score[sample]);
            u0 = TLanes.FusedMultiplyAdd(x, a0, u0);
            u1 = TVectors.Value > 1 ? TLanes.FusedMultiplyAdd(x, a1, u1) : u1;
            if (hasOnes)
                bias = TLanes.FusedMultiplyAdd(x, TLanes.Load(activation + TVectors.Value * TLanes.Count), bias);
            TLanes d0 = Gate(TLanes.FusedMultiplyAdd(d, w0, TLanes.Zero), a0, relu);
            TLanes d1 = TVectors.Value > 1 ? Gate(TLanes.FusedMultiplyAdd(d, w1, TLanes.Zero), a1, relu) : d0;
            float* value = input;
            MultiplyRow<TLanes, TRows, TVectors>(0, ref value, inputStride, d0, d1, ref g00, ref g01);
            MultiplyRow<TLanes, TRows, TVectors>(1, ref value, inputStride, d0, d1, ref g10, ref g11);
            MultiplyRow<TLanes, TRows, TVectors>(2, ref value, inputStride, d0, d1, ref g20, ref g21);
            MultiplyRow<TLanes, TRows, TVectors>(3, ref value, inputStride, d0, d1, ref g30, ref g31);
            MultiplyRow<TLanes, TRows, TVectors>(4, ref value, inputStride, d0, d1, ref g40, ref g41);
            MultiplyRow<TLanes, TRows, TVectors>(5, ref value, inputStride, d0, d1, ref g50, ref g51);
            MultiplyRow<TLanes, TRows, TVectors>(6, ref value, inputStride, d0, d1, ref g60, ref g61);
            MultiplyRow<TLanes, TRows, TVectors>(7, ref value, inputStride, d0, d1, ref g70, ref g71);
        }

        if (hasOnes)
            TLanes.Store(bias, upper + TVectors.Value * TLanes.Count);
        StoreRow<TLanes, One, TVectors>(0, upper, 0, u0, u1);
        StoreRow<TLanes, TRows, TVectors>(0, lower, columns, g00, g01);
        StoreRow<TLanes, TRows, TVectors>(1, lower, columns, g10, g11);
        StoreRow<TLanes, TRows, TVectors>(2, lower, columns, g20, g21);
        StoreRow<TLanes, TRows, TVectors>(3, lower, columns, g30, g31);
        StoreRow<TLanes, TRows, TVectors>(4, lower, columns, g40, g41);
        StoreRow<TLanes, TRows, TVectors>(5, lower, columns, g50, g51);
        StoreRow<TLanes, TRows, TVectors>(6, lower, columns, g60, g61);
        StoreRow<TLanes, TRows, TVectors>(7, lower, columns, g70, g71);
    }

    /// <summary>What <see cref="OneHidden"/> multiplies.</summary>
    internal readonly struct OneHiddenFactors
    {
        /// <summary>[rows][sample], rows <see cref="InputStride"/> floats apart.</summary>
        public required float* Input { get; init; }

        public required nint InputStride { get; init; }

        /// <summary>1 to <see cref="MostOneHiddenRows"/>.</summary>
        public required int Rows { get; init; }

        /// <summary>[sample]; what the activations are multiplied with.</summary>
        public required float* Output { get; init; }

        /// <summary>[sample]; the gradient by the output.</summary>
        public required float* Score { get; init; }

        /// <summary>[columns]; the output's weights, zero-padded.</summary>
        public required float* Weight { get; init; }

        /// <summary>[sample][upperColumns], rows <see cref="Stride"/> floats apart.</summary>
        public required float* Activation { get; init; }

        public required nint Stride { get; init; }

        public required int Samples { get; init; }

        /// <summary>A multiple of 16.</summary>
        public required int Columns { get; init; }

        /// <summary>At least <see cref="Columns"/>, a multiple of 16.</summary>
        public required int UpperColumns { get; init; }

        /// <summary>Whether f is max(·, 0), else tanh.</summary>
        public required bool Relu { get; init; }
    }
}
