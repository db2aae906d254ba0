using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Networks;

// Backward: masked sums of δ·x by unit, and what they say about the weights.
internal sealed unsafe partial class HiddenReluNetwork<TLanes>
{
    public override void BeginGradient(double* gradient)
    {
        _gradient = gradient;
        _chunksPending = 0;
        _moments.Span.Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Accumulate(in GradientChunk chunk)
    {
        if (_chunksPending == 0)
        {
            _sums.Span.Clear();
            _outputSum.Span.Clear();
        }

        int vectors = Stage(chunk);
        MaskedSums<TLanes>.Add(_stage.Pointer, _valueRows, SignWords, vectors, PaddedUnits, _sums.Pointer, unitStride: _valueRows * 16, valueStride: 16);
        if (++_chunksPending == ChunksBetweenFlushes)
            Flush();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void EndGradient()
    {
        if (_chunksPending > 0)
            Flush();
        for (int unit = 0; unit < Units; unit++)
        {
            // ∂v_j = Σ_i W1_ji·G_ji, with the bias as the weight of an input of 1.
            double* moment = _moments.Pointer + (nint)unit * _valueRows;
            double activity = HiddenBias[unit] * moment[Inputs];
            for (int input = 0; input < Inputs; input++)
                activity += InputWeight[unit * Inputs + input] * moment[input];
            AddUnit(_gradient, unit, moment, activity);
        }

        AddOutput(_gradient, _moments.Pointer[(nint)PaddedUnits * _valueRows]);
        _gradient = null;
    }

    /// <summary>Copies δ·x, δ and the activity bits of every group of 16 lanes with a live one to [vector][stage row][16].</summary>
    private int Stage(in GradientChunk chunk)
    {
        int vectors = 0;
        for (int part = 0; part < 16; part += TLanes.Count)
            vectors = Stage(chunk, part);
        return vectors;
    }

    /// <summary>The same for the lanes of one register in every group of 16; their sums stay in registers from row to row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private int Stage(in GradientChunk chunk, int part)
    {
        int lanes = chunk.Lanes, inputs = Inputs, signWords = SignWords, signRow = _valueRows * 16, stride = _stageRows * 16;
        float* stage = _stage.Pointer + part;
        float* sums = _outputSum.Pointer + part;
        TLanes total = TLanes.Load(sums), check = TLanes.Load(sums + 16);
        int vectors = 0;
        for (int row = 0; row < chunk.Rows; row++)
        {
            float* observation = chunk.Observation + (nint)row * inputs * lanes + part;
            float* delta = chunk.OutputGradient + (nint)row * lanes + part;
            float* signs = chunk.Record + (nint)row * signWords * lanes + part;
            ulong live = chunk.Live[row];
            for (int group = 0; group < lanes; group += 16, live >>= 16)
            {
                if ((live & 0xFFFF) == 0)
                    continue;
                TLanes d = TLanes.Load(delta + group);
                total += d;
                float* target = stage;
                float* source = observation + group;
                for (int input = 0; input < inputs; input++, target += 16, source += lanes)
                {
                    TLanes product = d * TLanes.Load(source);
                    check += product;
                    TLanes.Store(product, target);
                }

                TLanes.Store(d, target);
                target = stage + signRow;
                for (int word = 0; word < signWords; word++, target += 16)
                    TLanes.Store(TLanes.Load(signs + word * lanes + group), target);
                stage += stride;
                vectors++;
            }
        }

        TLanes.Store(total, sums);
        TLanes.Store(check, sums + 16);
        return vectors;
    }

    /// <summary>Adds the 16 lanes of every sum in a fixed tree and moves the totals to double precision.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Flush()
    {
        int count = PaddedUnits * _valueRows;
        float* sum = _sums.Pointer;
        double* moment = _moments.Pointer;
        for (int i = 0; i < count; i++, sum += 16)
            moment[i] += FixedOrder.ReduceLanes(sum);
        moment[count] += FixedOrder.ReduceLanes(_outputSum.Pointer);
        // A NaN observation makes units look inactive, and a masked sum leaves it out where a product with 0 does not: all or none.
        if (!float.IsFinite(FixedOrder.ReduceLanes(_outputSum.Pointer + 16)))
            _moments.Span.Fill(double.NaN);
        _chunksPending = 0;
    }
}
