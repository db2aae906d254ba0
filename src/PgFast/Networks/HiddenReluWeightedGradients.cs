using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using PgFast.Numerics;

namespace PgFast.Networks;

/// <summary>Weighted gradients of the networks of <see cref="HiddenReluNetwork{TLanes}"/>, from the activity bits that its forward pass recorded.</summary>
/// <remarks>
/// 16 consecutive steps of an episode are the lanes of a vector: what that class sums over a batch, this one sums over an episode, so that nothing is
/// computed again. At an episode's end the lanes of each sum are added in a fixed tree, and weights are multiplied in.
/// </remarks>
internal sealed unsafe class HiddenReluWeightedGradients<TLanes> : WeightedGradients where TLanes : unmanaged, ILanes<TLanes>
{
    // Few loads and stores of the sums a step, and all that is staged within the first-level cache.
    private const int StagedSamples = 1024;

    private readonly int _inputs;
    private readonly int _units;
    private readonly int _paddedUnits;
    private readonly int _valueRows;
    private readonly int _signWords;
    private readonly AlignedBuffer<float> _stage;
    // [column][value][unit][16], and [column] of Σ δ in 16 lanes and Σ of all staged values, which tells whether they are finite.
    private readonly AlignedBuffer<float> _sums;
    private readonly AlignedBuffer<float> _outputSums;
    // [value][unit].
    private readonly AlignedBuffer<float> _totals;
    private GradientSamples _loaded;
    private float* _weight;

    public HiddenReluWeightedGradients(NetworkParameters parameters, int columns)
        : base(parameters, columns)
    {
        _inputs = parameters.Shape.InputSize;
        _units = parameters.Shape.OutputSizeOf(0);
        _paddedUnits = NetworkParameters.Columns(_units);
        _valueRows = MaskedSums<TLanes>.ValueRows(_inputs);
        _signWords = MaskedSums<TLanes>.SignWords(_paddedUnits);
        _stage = new AlignedBuffer<float>((long)StagedSamples * (_valueRows + _signWords));
        _sums = new AlignedBuffer<float>(columns * SumLength);
        _outputSums = new AlignedBuffer<float>(columns * 32L);
        _totals = new AlignedBuffer<float>((long)_valueRows * _paddedUnits);
    }

    public override int MaximumSamples => StagedSamples;

    public override int RecordSize => _signWords;

    private nint SumLength => (nint)_valueRows * _paddedUnits * 16;

    public override void Load(in GradientSamples samples) => _loaded = samples;

    public override void Weigh(float* weight) => _weight = weight;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Accumulate(int first, int count, float* gradient, bool continues)
    {
        if (!continues)
        {
            _sums.Span.Clear();
            _outputSums.Span.Clear();
        }

        for (int column = 0; column < Columns; column++)
        {
            float* sums = _sums.Pointer + column * SumLength, outputSums = _outputSums.Pointer + column * 32;
            for (int part = 0; part < 16; part += TLanes.Count)
                Stage(first, count, _weight + column * StagedSamples + first, outputSums, part);
            MaskedSums<TLanes>.Add(_stage.Pointer, _valueRows, _signWords, (count + 15) / 16, _paddedUnits, sums, 16, _paddedUnits * 16);
            // The sums stay in lanes: where the episode goes on, what is written here is written again.
            Finish(
                sums, outputSums, gradient + (nint)column * Layout.LengthOf(0),
                gradient + (nint)Columns * Layout.OffsetOf(1) + (nint)column * Layout.LengthOf(1));
        }
    }

    public override void Dispose()
    {
        _stage.Dispose();
        _sums.Dispose();
        _outputSums.Dispose();
        _totals.Dispose();
    }

    /// <summary>w·score·x, w·score and the activity bits of 16 samples at a time, to [vector][stage row][16]; those beyond the last are 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Stage(int first, int count, float* weight, float* outputSums, int part)
    {
        int inputs = _inputs, signWords = _signWords, signRow = _valueRows * 16, stride = (_valueRows + _signWords) * 16;
        nint rowStride = _loaded.Stride;
        float* observation = _loaded.Observation + first, score = _loaded.OutputGradient + first, record = _loaded.Record + first;
        float* stage = _stage.Pointer + part;
        TLanes total = TLanes.Load(outputSums + part), check = TLanes.Load(outputSums + 16 + part);
        for (int sample = part; sample < count + part; sample += 16, stage += stride)
        {
            TLanes d = TLanes.Load(weight + sample) * TLanes.Load(score + sample);
            int remaining = count - sample;
            TLanes exists = TLanes.MaskFromBits(uint.MaxValue);
            if (remaining < TLanes.Count)
            {
                exists = TLanes.MaskFromBits(remaining <= 0 ? 0 : (1u << remaining) - 1);
                d &= exists;
            }

            total += d;
            float* target = stage;
            float* source = observation + sample;
            for (int input = 0; input < inputs; input++, target += 16, source += rowStride)
            {
                // Masked by itself: beyond the last may be anything.
                TLanes product = d * (TLanes.Load(source) & exists);
                check += product;
                TLanes.Store(product, target);
            }

            TLanes.Store(d, target);
            target = stage + signRow;
            source = record + sample;
            for (int word = 0; word < signWords; word++, target += 16, source += rowStride)
                TLanes.Store(TLanes.Load(source), target);
        }

        TLanes.Store(total, outputSums + part);
        TLanes.Store(check, outputSums + 16 + part);
    }

    /// <summary>What the sums G_ji = Σ δ·x_i·m_j say: ∂W1_ji = v_j·G_ji and ∂v_j = Σ_i W1_ji·G_ji, with the bias as the weight of an input of 1.</summary>
    /// <param name="sums">[value][unit][16].</param>
    /// <param name="outputSums">[2][16].</param>
    /// <param name="lower">[Inputs + 1][Columns(units)]; overwritten.</param>
    /// <param name="upper">[Columns(units + 1)]; overwritten.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Finish(float* sums, float* outputSums, float* lower, float* upper)
    {
        int inputs = _inputs, units = _paddedUnits, weightStride = NetworkParameters.Pad(_units);
        float* totals = _totals.Pointer;
        for (int i = 0; i < (inputs + 1) * units; i += 4)
            FixedOrder.ReduceFour(sums + (nint)i * 16).Store(totals + i);
        for (int unit = 0; unit < units; unit += TLanes.Count)
        {
            TLanes output = TLanes.Load(Parameters.OutputWeight + unit);
            float* total = totals + unit, target = lower + unit, weight = Parameters.TransposedWeight(0) + unit;
            TLanes bias = TLanes.Load(total + (nint)inputs * units);
            TLanes activity = TLanes.Load(Parameters.PaddedBias(0) + unit) * bias;
            for (int input = 0; input < inputs; input++, total += units, target += units, weight += weightStride)
            {
                TLanes sum = TLanes.Load(total);
                activity = TLanes.FusedMultiplyAdd(TLanes.Load(weight), sum, activity);
                TLanes.Store(output * sum, target);
            }

            TLanes.Store(output * bias, target);
            TLanes.Store(activity, upper + unit);
        }

        int end = Layout.LengthOf(1);
        new Span<float>(upper + _units, end - _units).Clear();
        upper[_units] = FixedOrder.ReduceLanes(outputSums);
        // A NaN observation may make units look inactive, and a masked sum leaves it out where a product with 0 does not: all or none.
        if (!float.IsFinite(FixedOrder.ReduceLanes(outputSums + 16)))
            new Span<float>(lower, Layout.LengthOf(0)).Fill(float.NaN);
    }
}
