using System.Runtime.CompilerServices;

namespace PgFast.Networks;

// Forward: pre-activations live in registers, are folded into the output at once, and leave one bit each.
internal sealed unsafe partial class HiddenReluNetwork<TLanes>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Forward(float* observation, float* output, float* record, int lanes)
    {
        float* signs = record;
        int lane = 0;
        if (_inputs == 4)
        {
            for (; lane <= lanes - 4 * TLanes.Count; lane += 4 * TLanes.Count)
                Forward4OfFour(observation + lane, output + lane, signs + lane, lanes);
            for (; lane <= lanes - 2 * TLanes.Count; lane += 2 * TLanes.Count)
                Forward2OfFour(observation + lane, output + lane, signs + lane, lanes);
        }

        for (; lane <= lanes - 2 * TLanes.Count; lane += 2 * TLanes.Count)
            Forward2(observation + lane, output + lane, signs + lane, lanes);
        for (; lane < lanes; lane += TLanes.Count)
            Forward1(observation + lane, output + lane, signs + lane, lanes);
    }

    /// <summary>Two vectors of lanes; 4 units × 2 vectors of pre-activations in registers, folded at once into the output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Forward2(float* observation, float* output, float* signs, int lanes)
    {
        float* weight = _inputWeight.Pointer;
        float* bias = _hiddenBias.Pointer;
        float* outputWeight = _outputWeight.Pointer;
        int inputs = _inputs, units = _paddedUnits;
        TLanes sign = TLanes.BroadcastInt32(int.MinValue);
        TLanes out0 = TLanes.Broadcast(*Parameters.OutputBias), out1 = out0;
        TLanes signs0 = TLanes.Zero, signs1 = TLanes.Zero;
        for (int unit = 0; unit < units; unit += 4)
        {
            TLanes h00 = TLanes.Broadcast(bias[unit]), h01 = h00;
            TLanes h10 = TLanes.Broadcast(bias[unit + 1]), h11 = h10;
            TLanes h20 = TLanes.Broadcast(bias[unit + 2]), h21 = h20;
            TLanes h30 = TLanes.Broadcast(bias[unit + 3]), h31 = h30;
            float* input = observation;
            float* w = weight;
            for (int i = 0; i < inputs; i++)
            {
                TLanes x0 = TLanes.Load(input), x1 = TLanes.Load(input + TLanes.Count);
                TLanes w0 = TLanes.Broadcast(w[0]);
                h00 = TLanes.FusedMultiplyAdd(w0, x0, h00);
                h01 = TLanes.FusedMultiplyAdd(w0, x1, h01);
                TLanes w1 = TLanes.Broadcast(w[inputs]);
                h10 = TLanes.FusedMultiplyAdd(w1, x0, h10);
                h11 = TLanes.FusedMultiplyAdd(w1, x1, h11);
                TLanes w2 = TLanes.Broadcast(w[2 * inputs]);
                h20 = TLanes.FusedMultiplyAdd(w2, x0, h20);
                h21 = TLanes.FusedMultiplyAdd(w2, x1, h21);
                TLanes w3 = TLanes.Broadcast(w[3 * inputs]);
                h30 = TLanes.FusedMultiplyAdd(w3, x0, h30);
                h31 = TLanes.FusedMultiplyAdd(w3, x1, h31);
                input += lanes;
                w++;
            }

            weight += 4 * inputs;
            Fold(h00, TLanes.Broadcast(outputWeight[unit]), sign, ref out0, ref signs0);
            Fold(h01, TLanes.Broadcast(outputWeight[unit]), sign, ref out1, ref signs1);
            Fold(h10, TLanes.Broadcast(outputWeight[unit + 1]), sign, ref out0, ref signs0);
            Fold(h11, TLanes.Broadcast(outputWeight[unit + 1]), sign, ref out1, ref signs1);
            Fold(h20, TLanes.Broadcast(outputWeight[unit + 2]), sign, ref out0, ref signs0);
            Fold(h21, TLanes.Broadcast(outputWeight[unit + 2]), sign, ref out1, ref signs1);
            Fold(h30, TLanes.Broadcast(outputWeight[unit + 3]), sign, ref out0, ref signs0);
            Fold(h31, TLanes.Broadcast(outputWeight[unit + 3]), sign, ref out1, ref signs1);
            if (((unit + 4) & 31) == 0 || unit + 4 == units)
            {
                int shift = 31 - ((unit + 3) & 31);
                TLanes.Store(TLanes.ShiftRightLogical(signs0, shift), signs);
                TLanes.Store(TLanes.ShiftRightLogical(signs1, shift), signs + TLanes.Count);
                signs += lanes;
            }
        }

        TLanes.Store(out0, output);
        TLanes.Store(out1, output + TLanes.Count);
    }

    /// <summary>The same for four inputs, which then stay in registers: one unit × 2 vectors at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Forward2OfFour(float* observation, float* output, float* signs, int lanes)
    {
        float* weight = _inputWeight.Pointer;
        float* bias = _hiddenBias.Pointer;
        float* outputWeight = _outputWeight.Pointer;
        int units = _paddedUnits;
        TLanes sign = TLanes.BroadcastInt32(int.MinValue);
        TLanes out0 = TLanes.Broadcast(*Parameters.OutputBias), out1 = out0;
        TLanes signs0 = TLanes.Zero, signs1 = TLanes.Zero;
        TLanes x00 = TLanes.Load(observation), x01 = TLanes.Load(observation + TLanes.Count);
        observation += lanes;
        TLanes x10 = TLanes.Load(observation), x11 = TLanes.Load(observation + TLanes.Count);
        observation += lanes;
        TLanes x20 = TLanes.Load(observation), x21 = TLanes.Load(observation + TLanes.Count);
        observation += lanes;
        TLanes x30 = TLanes.Load(observation), x31 = TLanes.Load(observation + TLanes.Count);
        for (int word = 0; word < units; word += 32)
        {
            int end = Math.Min(units, word + 32);
            for (int unit = word; unit < end; unit++)
            {
                TLanes w = TLanes.Broadcast(weight[0]);
                TLanes h0 = TLanes.Broadcast(bias[unit]), h1 = h0;
                h0 = TLanes.FusedMultiplyAdd(x00, w, h0);
                h1 = TLanes.FusedMultiplyAdd(x01, w, h1);
                w = TLanes.Broadcast(weight[1]);
                h0 = TLanes.FusedMultiplyAdd(x10, w, h0);
                h1 = TLanes.FusedMultiplyAdd(x11, w, h1);
                w = TLanes.Broadcast(weight[2]);
                h0 = TLanes.FusedMultiplyAdd(x20, w, h0);
                h1 = TLanes.FusedMultiplyAdd(x21, w, h1);
                w = TLanes.Broadcast(weight[3]);
                h0 = TLanes.FusedMultiplyAdd(x30, w, h0);
                h1 = TLanes.FusedMultiplyAdd(x31, w, h1);
                weight += 4;
                TLanes v = TLanes.Broadcast(outputWeight[unit]);
                Fold(h0, v, sign, ref out0, ref signs0);
                Fold(h1, v, sign, ref out1, ref signs1);
            }

            int shift = 32 - (end - word);
            TLanes.Store(TLanes.ShiftRightLogical(signs0, shift & 31), signs);
            TLanes.Store(TLanes.ShiftRightLogical(signs1, shift & 31), signs + TLanes.Count);
            signs += lanes;
        }

        TLanes.Store(out0, output);
        TLanes.Store(out1, output + TLanes.Count);
    }

    /// <summary>
    /// The same for four inputs and 4 vectors: inputs come from memory as operands of the multiply-adds, so that each weight serves four
    /// vectors and instructions no longer outnumber what the processor decodes.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Forward4OfFour(float* observation, float* output, float* signs, int lanes)
    {
        float* weight = _inputWeight.Pointer;
        float* bias = _hiddenBias.Pointer;
        float* outputWeight = _outputWeight.Pointer;
        int units = _paddedUnits;
        float* x0 = observation;
        TLanes x00 = TLanes.Load(x0), x01 = TLanes.Load(x0 + TLanes.Count);
        TLanes x02 = TLanes.Load(x0 + 2 * TLanes.Count), x03 = TLanes.Load(x0 + 3 * TLanes.Count);
        float* x1 = observation + lanes;
        TLanes x10 = TLanes.Load(x1), x11 = TLanes.Load(x1 + TLanes.Count);
        TLanes x12 = TLanes.Load(x1 + 2 * TLanes.Count), x13 = TLanes.Load(x1 + 3 * TLanes.Count);
        float* x2 = observation + 2 * lanes;
        TLanes x20 = TLanes.Load(x2), x21 = TLanes.Load(x2 + TLanes.Count);
        TLanes x22 = TLanes.Load(x2 + 2 * TLanes.Count), x23 = TLanes.Load(x2 + 3 * TLanes.Count);
        float* x3 = observation + 3 * lanes;
        TLanes x30 = TLanes.Load(x3), x31 = TLanes.Load(x3 + TLanes.Count);
        TLanes x32 = TLanes.Load(x3 + 2 * TLanes.Count), x33 = TLanes.Load(x3 + 3 * TLanes.Count);
        TLanes sign = TLanes.BroadcastInt32(int.MinValue);
        TLanes out0 = TLanes.Broadcast(*Parameters.OutputBias), out1 = out0, out2 = out0, out3 = out0;
        TLanes signs0 = TLanes.Zero, signs1 = TLanes.Zero, signs2 = TLanes.Zero, signs3 = TLanes.Zero;
        for (int word = 0; word < units; word += 32)
        {
            int end = Math.Min(units, word + 32);
            for (int unit = word; unit < end; unit++)
            {
                TLanes w = TLanes.Broadcast(weight[0]);
                TLanes h0 = TLanes.Broadcast(bias[unit]), h1 = h0, h2 = h0, h3 = h0;
                h0 = TLanes.FusedMultiplyAdd(x00, w, h0);
                h1 = TLanes.FusedMultiplyAdd(x01, w, h1);
                h2 = TLanes.FusedMultiplyAdd(x02, w, h2);
                h3 = TLanes.FusedMultiplyAdd(x03, w, h3);
                w = TLanes.Broadcast(weight[1]);
                h0 = TLanes.FusedMultiplyAdd(x10, w, h0);
                h1 = TLanes.FusedMultiplyAdd(x11, w, h1);
                h2 = TLanes.FusedMultiplyAdd(x12, w, h2);
                h3 = TLanes.FusedMultiplyAdd(x13, w, h3);
                w = TLanes.Broadcast(weight[2]);
                h0 = TLanes.FusedMultiplyAdd(x20, w, h0);
                h1 = TLanes.FusedMultiplyAdd(x21, w, h1);
                h2 = TLanes.FusedMultiplyAdd(x22, w, h2);
                h3 = TLanes.FusedMultiplyAdd(x23, w, h3);
                w = TLanes.Broadcast(weight[3]);
                h0 = TLanes.FusedMultiplyAdd(x30, w, h0);
                h1 = TLanes.FusedMultiplyAdd(x31, w, h1);
                h2 = TLanes.FusedMultiplyAdd(x32, w, h2);
                h3 = TLanes.FusedMultiplyAdd(x33, w, h3);
                weight += 4;
                TLanes v = TLanes.Broadcast(outputWeight[unit]);
                Fold(h0, v, sign, ref out0, ref signs0);
                Fold(h1, v, sign, ref out1, ref signs1);
                Fold(h2, v, sign, ref out2, ref signs2);
                Fold(h3, v, sign, ref out3, ref signs3);
            }

            int shift = (32 - (end - word)) & 31;
            TLanes.Store(TLanes.ShiftRightLogical(signs0, shift), signs);
            TLanes.Store(TLanes.ShiftRightLogical(signs1, shift), signs + TLanes.Count);
            TLanes.Store(TLanes.ShiftRightLogical(signs2, shift), signs + 2 * TLanes.Count);
            TLanes.Store(TLanes.ShiftRightLogical(signs3, shift), signs + 3 * TLanes.Count);
            signs += lanes;
        }

        TLanes.Store(out0, output);
        TLanes.Store(out1, output + TLanes.Count);
        TLanes.Store(out2, output + 2 * TLanes.Count);
        TLanes.Store(out3, output + 3 * TLanes.Count);
    }

    /// <summary>The same for one vector of lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Forward1(float* observation, float* output, float* signs, int lanes)
    {
        float* weight = _inputWeight.Pointer;
        float* bias = _hiddenBias.Pointer;
        float* outputWeight = _outputWeight.Pointer;
        int inputs = _inputs, units = _paddedUnits;
        TLanes sign = TLanes.BroadcastInt32(int.MinValue);
        TLanes out0 = TLanes.Broadcast(*Parameters.OutputBias);
        TLanes signs0 = TLanes.Zero;
        for (int unit = 0; unit < units; unit += 4)
        {
            TLanes h0 = TLanes.Broadcast(bias[unit]);
            TLanes h1 = TLanes.Broadcast(bias[unit + 1]);
            TLanes h2 = TLanes.Broadcast(bias[unit + 2]);
            TLanes h3 = TLanes.Broadcast(bias[unit + 3]);
            float* input = observation;
            float* w = weight;
            for (int i = 0; i < inputs; i++)
            {
                TLanes x = TLanes.Load(input);
                h0 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(w[0]), x, h0);
                h1 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(w[inputs]), x, h1);
                h2 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(w[2 * inputs]), x, h2);
                h3 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(w[3 * inputs]), x, h3);
                input += lanes;
                w++;
            }

            weight += 4 * inputs;
            Fold(h0, TLanes.Broadcast(outputWeight[unit]), sign, ref out0, ref signs0);
            Fold(h1, TLanes.Broadcast(outputWeight[unit + 1]), sign, ref out0, ref signs0);
            Fold(h2, TLanes.Broadcast(outputWeight[unit + 2]), sign, ref out0, ref signs0);
            Fold(h3, TLanes.Broadcast(outputWeight[unit + 3]), sign, ref out0, ref signs0);
            if (((unit + 4) & 31) == 0 || unit + 4 == units)
            {
                TLanes.Store(TLanes.ShiftRightLogical(signs0, 31 - ((unit + 3) & 31)), signs);
                signs += lanes;
            }
        }

        TLanes.Store(out0, output);
    }

    /// <summary>ReLU, its activity bit, and the unit's share of the output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fold(TLanes preActivation, TLanes outputWeight, TLanes sign, ref TLanes output, ref TLanes signs)
    {
        // As an integer the activation is positive or 0, so 0 − activation has its sign bit set exactly where the unit is active. Bits
        // enter at the top and move down: after 32 units, bit j belongs to unit j.
        TLanes activation = TLanes.MaxInt32(preActivation, TLanes.Zero);
        output = TLanes.FusedMultiplyAdd(outputWeight, activation, output);
        signs = TLanes.Select(sign, TLanes.SubtractInt32(TLanes.Zero, activation), TLanes.ShiftRightLogical(signs, 1));
    }
}
