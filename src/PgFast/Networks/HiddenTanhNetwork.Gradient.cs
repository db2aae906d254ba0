using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Networks;

// Backward: sums over lanes and rows by unit, and what they say about the weights.
internal sealed unsafe partial class HiddenTanhNetwork<TLanes>
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
            _sums.Span.Clear();
        int lanes = chunk.Lanes, activationRow = PaddedUnits * lanes;
        float* activation = chunk.Record;
        if (!_keepsActivations)
        {
            activation = _activation.Pointer;
            for (int row = 0; row < chunk.Rows; row++)
                ForwardRow(chunk.Observation + (nint)row * Inputs * lanes, _output.Pointer, activation + (nint)row * activationRow, lanes);
        }

        float* deltaSum = _sums.Pointer + (nint)Units * _rows * 16;
        for (int part = 0; part < 16; part += TLanes.Count)
            AddDelta(chunk, part, deltaSum + part);
        // As many units together as the registers hold.
        int block = TLanes.Count == 16 ? 2 : 1, unit = 0;
        for (; unit <= Units - block; unit += block)
            AddUnits(chunk, activation + (nint)unit * lanes, activationRow, unit, block);
        for (; unit < Units; unit++)
            AddUnits(chunk, activation + (nint)unit * lanes, activationRow, unit, 1);
        if (++_chunksPending == ChunksBetweenFlushes)
            Flush();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void EndGradient()
    {
        if (_chunksPending > 0)
            Flush();
        double* moment = _moments.Pointer;
        for (int unit = 0; unit < Units; unit++, moment += _rows)
            AddUnit(_gradient, unit, moment, moment[Inputs + 1]);
        AddOutput(_gradient, *moment);
        _gradient = null;
    }

    /// <summary>All sums of one unit or two; bias and output are summed with the first four inputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddUnits(in GradientChunk chunk, float* activation, int activationRow, int unit, int count)
    {
        int unitStride = _rows * 16;
        float* sums = _sums.Pointer + (nint)unit * unitStride;
        for (int part = 0; part < 16; part += TLanes.Count)
        {
            if (count == 2)
                Add2(chunk, activation + part, activationRow, Inputs, part, sums + part, unitStride);
            else
                Add1(chunk, activation + part, activationRow, Inputs, part, sums + part);
            for (int input = InputBlock; input < Inputs; input += InputBlock)
            {
                for (int k = 0; k < count; k++)
                    AddInputs(chunk, activation + k * chunk.Lanes + part, activationRow, Inputs, input, part, sums + k * unitStride + input * 16 + part);
            }
        }
    }

    /// <summary>Σ e·x of the first four inputs, Σ e and Σ δ·a of two units.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Add2(in GradientChunk chunk, float* activation, int activationRow, int inputs, int part, float* sums, int unitStride)
    {
        int lanes = chunk.Lanes, rows = chunk.Rows;
        float* observation = chunk.Observation + part, delta = chunk.OutputGradient + part;
        TLanes one = TLanes.Broadcast(1f);
        TLanes s00 = TLanes.Load(sums), s01 = TLanes.Load(sums + 16), s02 = TLanes.Load(sums + 32), s03 = TLanes.Load(sums + 48);
        float* bias0 = sums + inputs * 16;
        TLanes bias0Sum = TLanes.Load(bias0), output0Sum = TLanes.Load(bias0 + 16);
        float* next = sums + unitStride;
        TLanes s10 = TLanes.Load(next), s11 = TLanes.Load(next + 16), s12 = TLanes.Load(next + 32), s13 = TLanes.Load(next + 48);
        float* bias1 = next + inputs * 16;
        TLanes bias1Sum = TLanes.Load(bias1), output1Sum = TLanes.Load(bias1 + 16);
        for (int row = 0; row < rows; row++, observation += inputs * lanes, delta += lanes, activation += activationRow)
        {
            for (int lane = 0; lane < lanes; lane += 16)
            {
                float* x = observation + lane;
                TLanes d = TLanes.Load(delta + lane);
                TLanes a0 = TLanes.Load(activation + lane);
                output0Sum = TLanes.FusedMultiplyAdd(d, a0, output0Sum);
                TLanes e0 = d * TLanes.FusedNegateMultiplyAdd(a0, a0, one);
                bias0Sum += e0;
                TLanes a1 = TLanes.Load(activation + lane + lanes);
                output1Sum = TLanes.FusedMultiplyAdd(d, a1, output1Sum);
                TLanes e1 = d * TLanes.FusedNegateMultiplyAdd(a1, a1, one);
                bias1Sum += e1;
                TLanes x0 = TLanes.Load(x);
                s00 = TLanes.FusedMultiplyAdd(e0, x0, s00);
                s10 = TLanes.FusedMultiplyAdd(e1, x0, s10);
                TLanes x1 = TLanes.Load(x + lanes);
                s01 = TLanes.FusedMultiplyAdd(e0, x1, s01);
                s11 = TLanes.FusedMultiplyAdd(e1, x1, s11);
                TLanes x2 = TLanes.Load(x + 2 * lanes);
                s02 = TLanes.FusedMultiplyAdd(e0, x2, s02);
                s12 = TLanes.FusedMultiplyAdd(e1, x2, s12);
                TLanes x3 = TLanes.Load(x + 3 * lanes);
                s03 = TLanes.FusedMultiplyAdd(e0, x3, s03);
                s13 = TLanes.FusedMultiplyAdd(e1, x3, s13);
            }
        }

        TLanes.Store(s00, sums);
        TLanes.Store(s01, sums + 16);
        TLanes.Store(s02, sums + 32);
        TLanes.Store(s03, sums + 48);
        TLanes.Store(bias0Sum, bias0);
        TLanes.Store(output0Sum, bias0 + 16);
        TLanes.Store(s10, next);
        TLanes.Store(s11, next + 16);
        TLanes.Store(s12, next + 32);
        TLanes.Store(s13, next + 48);
        TLanes.Store(bias1Sum, bias1);
        TLanes.Store(output1Sum, bias1 + 16);
    }

    /// <summary>The same for one unit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Add1(in GradientChunk chunk, float* activation, int activationRow, int inputs, int part, float* sums)
    {
        int lanes = chunk.Lanes, rows = chunk.Rows;
        float* observation = chunk.Observation + part, delta = chunk.OutputGradient + part;
        TLanes one = TLanes.Broadcast(1f);
        TLanes s00 = TLanes.Load(sums), s01 = TLanes.Load(sums + 16), s02 = TLanes.Load(sums + 32), s03 = TLanes.Load(sums + 48);
        float* bias0 = sums + inputs * 16;
        TLanes bias0Sum = TLanes.Load(bias0), output0Sum = TLanes.Load(bias0 + 16);
        for (int row = 0; row < rows; row++, observation += inputs * lanes, delta += lanes, activation += activationRow)
        {
            for (int lane = 0; lane < lanes; lane += 16)
            {
                float* x = observation + lane;
                TLanes d = TLanes.Load(delta + lane);
                TLanes a0 = TLanes.Load(activation + lane);
                output0Sum = TLanes.FusedMultiplyAdd(d, a0, output0Sum);
                TLanes e0 = d * TLanes.FusedNegateMultiplyAdd(a0, a0, one);
                bias0Sum += e0;
                TLanes x0 = TLanes.Load(x);
                s00 = TLanes.FusedMultiplyAdd(e0, x0, s00);
                TLanes x1 = TLanes.Load(x + lanes);
                s01 = TLanes.FusedMultiplyAdd(e0, x1, s01);
                TLanes x2 = TLanes.Load(x + 2 * lanes);
                s02 = TLanes.FusedMultiplyAdd(e0, x2, s02);
                TLanes x3 = TLanes.Load(x + 3 * lanes);
                s03 = TLanes.FusedMultiplyAdd(e0, x3, s03);
            }
        }

        TLanes.Store(s00, sums);
        TLanes.Store(s01, sums + 16);
        TLanes.Store(s02, sums + 32);
        TLanes.Store(s03, sums + 48);
        TLanes.Store(bias0Sum, bias0);
        TLanes.Store(output0Sum, bias0 + 16);
    }

    /// <summary>Σ e·x of four more inputs of one unit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AddInputs(in GradientChunk chunk, float* activation, int activationRow, int inputs, int input, int part, float* sums)
    {
        int lanes = chunk.Lanes, rows = chunk.Rows;
        float* observation = chunk.Observation + input * lanes + part, delta = chunk.OutputGradient + part;
        TLanes one = TLanes.Broadcast(1f);
        TLanes s0 = TLanes.Load(sums), s1 = TLanes.Load(sums + 16), s2 = TLanes.Load(sums + 32), s3 = TLanes.Load(sums + 48);
        for (int row = 0; row < rows; row++, observation += inputs * lanes, delta += lanes, activation += activationRow)
        {
            for (int lane = 0; lane < lanes; lane += 16)
            {
                float* x = observation + lane;
                TLanes a = TLanes.Load(activation + lane);
                TLanes e = TLanes.Load(delta + lane) * TLanes.FusedNegateMultiplyAdd(a, a, one);
                s0 = TLanes.FusedMultiplyAdd(e, TLanes.Load(x), s0);
                s1 = TLanes.FusedMultiplyAdd(e, TLanes.Load(x + lanes), s1);
                s2 = TLanes.FusedMultiplyAdd(e, TLanes.Load(x + 2 * lanes), s2);
                s3 = TLanes.FusedMultiplyAdd(e, TLanes.Load(x + 3 * lanes), s3);
            }
        }

        TLanes.Store(s0, sums);
        TLanes.Store(s1, sums + 16);
        TLanes.Store(s2, sums + 32);
        TLanes.Store(s3, sums + 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddDelta(in GradientChunk chunk, int part, float* sum)
    {
        TLanes total = TLanes.Load(sum);
        int count = chunk.Rows * chunk.Lanes;
        for (int cell = part; cell < count; cell += 16)
            total += TLanes.Load(chunk.OutputGradient + cell);
        TLanes.Store(total, sum);
    }

    /// <summary>Adds the 16 lanes of every sum in a fixed tree and moves the totals to double precision.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Flush()
    {
        int count = Units * _rows + 1;
        for (int i = 0; i < count; i++)
            _moments.Pointer[i] += FixedOrder.ReduceLanes(_sums.Pointer + (nint)i * 16);
        _chunksPending = 0;
    }
}
