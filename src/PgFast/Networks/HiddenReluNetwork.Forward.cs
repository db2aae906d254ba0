using System.Runtime.CompilerServices;

namespace PgFast.Networks;

// Forward: pre-activations live in registers, are folded into the output at once, and leave one bit each.
internal sealed unsafe partial class HiddenReluNetwork<TLanes>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Forward(float* observation, float* output, float* record, int lanes)
    {
        int lane = 0;
        if (_inputs == 4)
        {
            for (; lane <= lanes - 2 * TLanes.Count; lane += 2 * TLanes.Count)
                Forward2OfFour(observation + lane, output + lane, record + lane, lanes);
            for (; lane < lanes; lane += TLanes.Count)
                Forward1OfFour(observation + lane, output + lane, record + lane, lanes);
            return;
        }

        for (; lane <= lanes - 2 * TLanes.Count; lane += 2 * TLanes.Count)
            Forward2(observation + lane, output + lane, record + lane, lanes);
        for (; lane < lanes; lane += TLanes.Count)
            Forward1(observation + lane, output + lane, record + lane, lanes);
    }

    /// <summary>Two vectors of lanes; 4 units × 2 vectors of pre-activations in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Forward2(float* observation, float* output, float* signs, int lanes)
    {
        float* weight = _inputWeight.Pointer;
        float* bias = _hiddenBias.Pointer;
        float* outputWeight = _outputWeight.Pointer;
        int inputs = _inputs, units = _paddedUnits;
        TLanes positive = TLanes.BroadcastInt32(0x7F7F7F7F), sign = TLanes.BroadcastInt32(unchecked((int)0x80808080));
        TLanes out0 = TLanes.Broadcast(*Parameters.OutputBias), out1 = out0;
        TLanes signs0 = TLanes.Zero, signs1 = TLanes.Zero;
        for (int word = 0; word < units; word += 32)
        {
            int end = Math.Min(units, word + 32);
            for (int unit = word; unit < end; unit += 4, weight += 4 * inputs)
            {
                TLanes h00 = TLanes.Broadcast(bias[unit + 0]), h01 = h00;
                TLanes h10 = TLanes.Broadcast(bias[unit + 1]), h11 = h10;
                TLanes h20 = TLanes.Broadcast(bias[unit + 2]), h21 = h20;
                TLanes h30 = TLanes.Broadcast(bias[unit + 3]), h31 = h30;
                float* input = observation;
                float* column = weight;
                for (int i = 0; i < inputs; i++, input += lanes, column++)
                {
                    TLanes x0 = TLanes.Load(input), x1 = TLanes.Load(input + TLanes.Count);
                    TLanes w0 = TLanes.Broadcast(column[0]);
                    h00 = TLanes.FusedMultiplyAdd(w0, x0, h00);
                    h01 = TLanes.FusedMultiplyAdd(w0, x1, h01);
                    TLanes w1 = TLanes.Broadcast(column[inputs]);
                    h10 = TLanes.FusedMultiplyAdd(w1, x0, h10);
                    h11 = TLanes.FusedMultiplyAdd(w1, x1, h11);
                    TLanes w2 = TLanes.Broadcast(column[2 * inputs]);
                    h20 = TLanes.FusedMultiplyAdd(w2, x0, h20);
                    h21 = TLanes.FusedMultiplyAdd(w2, x1, h21);
                    TLanes w3 = TLanes.Broadcast(column[3 * inputs]);
                    h30 = TLanes.FusedMultiplyAdd(w3, x0, h30);
                    h31 = TLanes.FusedMultiplyAdd(w3, x1, h31);
                }

                TLanes v0 = TLanes.Broadcast(outputWeight[unit + 0]);
                h00 = Fold(h00, v0, ref out0);
                h01 = Fold(h01, v0, ref out1);
                TLanes v1 = TLanes.Broadcast(outputWeight[unit + 1]);
                h10 = Fold(h10, v1, ref out0);
                h11 = Fold(h11, v1, ref out1);
                TLanes v2 = TLanes.Broadcast(outputWeight[unit + 2]);
                h20 = Fold(h20, v2, ref out0);
                h21 = Fold(h21, v2, ref out1);
                TLanes v3 = TLanes.Broadcast(outputWeight[unit + 3]);
                h30 = Fold(h30, v3, ref out0);
                h31 = Fold(h31, v3, ref out1);
                Push(TLanes.PackBytes(h00, h10, h20, h30), positive, sign, ref signs0);
                Push(TLanes.PackBytes(h01, h11, h21, h31), positive, sign, ref signs1);
            }

            int shift = (32 - (end - word)) / 4;
            TLanes.Store(TLanes.OrderBytes(TLanes.ShiftRightLogical(signs0, shift)), signs);
            TLanes.Store(TLanes.OrderBytes(TLanes.ShiftRightLogical(signs1, shift)), signs + TLanes.Count);
            signs += lanes;
        }

        TLanes.Store(out0, output);
        TLanes.Store(out1, output + TLanes.Count);
    }

    /// <summary>The same for one vector of lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Forward1(float* observation, float* output, float* signs, int lanes)
    {
        float* weight = _inputWeight.Pointer;
        float* bias = _hiddenBias.Pointer;
        float* outputWeight = _outputWeight.Pointer;
        int inputs = _inputs, units = _paddedUnits;
        TLanes positive = TLanes.BroadcastInt32(0x7F7F7F7F), sign = TLanes.BroadcastInt32(unchecked((int)0x80808080));
        TLanes out0 = TLanes.Broadcast(*Parameters.OutputBias);
        TLanes signs0 = TLanes.Zero;
        for (int word = 0; word < units; word += 32)
        {
            int end = Math.Min(units, word + 32);
            for (int unit = word; unit < end; unit += 4, weight += 4 * inputs)
            {
                TLanes h00 = TLanes.Broadcast(bias[unit + 0]);
                TLanes h10 = TLanes.Broadcast(bias[unit + 1]);
                TLanes h20 = TLanes.Broadcast(bias[unit + 2]);
                TLanes h30 = TLanes.Broadcast(bias[unit + 3]);
                float* input = observation;
                float* column = weight;
                for (int i = 0; i < inputs; i++, input += lanes, column++)
                {
                    TLanes x0 = TLanes.Load(input);
                    TLanes w0 = TLanes.Broadcast(column[0]);
                    h00 = TLanes.FusedMultiplyAdd(w0, x0, h00);
                    TLanes w1 = TLanes.Broadcast(column[inputs]);
                    h10 = TLanes.FusedMultiplyAdd(w1, x0, h10);
                    TLanes w2 = TLanes.Broadcast(column[2 * inputs]);
                    h20 = TLanes.FusedMultiplyAdd(w2, x0, h20);
                    TLanes w3 = TLanes.Broadcast(column[3 * inputs]);
                    h30 = TLanes.FusedMultiplyAdd(w3, x0, h30);
                }

                TLanes v0 = TLanes.Broadcast(outputWeight[unit + 0]);
                h00 = Fold(h00, v0, ref out0);
                TLanes v1 = TLanes.Broadcast(outputWeight[unit + 1]);
                h10 = Fold(h10, v1, ref out0);
                TLanes v2 = TLanes.Broadcast(outputWeight[unit + 2]);
                h20 = Fold(h20, v2, ref out0);
                TLanes v3 = TLanes.Broadcast(outputWeight[unit + 3]);
                h30 = Fold(h30, v3, ref out0);
                Push(TLanes.PackBytes(h00, h10, h20, h30), positive, sign, ref signs0);
            }

            int shift = (32 - (end - word)) / 4;
            TLanes.Store(TLanes.OrderBytes(TLanes.ShiftRightLogical(signs0, shift)), signs);
            signs += lanes;
        }

        TLanes.Store(out0, output);
    }

    /// <summary>The same for four inputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Forward2OfFour(float* observation, float* output, float* signs, int lanes)
    {
        float* weight = _inputWeight.Pointer;
        float* bias = _hiddenBias.Pointer;
        float* outputWeight = _outputWeight.Pointer;
        float* input1 = observation + lanes, input2 = input1 + lanes, input3 = input2 + lanes;
        int units = _paddedUnits;
        TLanes positive = TLanes.BroadcastInt32(0x7F7F7F7F), sign = TLanes.BroadcastInt32(unchecked((int)0x80808080));
        TLanes out0 = TLanes.Broadcast(*Parameters.OutputBias), out1 = out0;
        TLanes signs0 = TLanes.Zero, signs1 = TLanes.Zero;
        for (int word = 0; word < units; word += 32)
        {
            int end = Math.Min(units, word + 32);
            for (int unit = word; unit < end; unit += 4, weight += 16)
            {
                TLanes x0 = TLanes.Load(observation), x1 = TLanes.Load(observation + TLanes.Count);
                TLanes w0 = TLanes.Broadcast(weight[0]), b0 = TLanes.Broadcast(bias[unit + 0]);
                TLanes h00 = TLanes.FusedMultiplyAdd(x0, w0, b0);
                TLanes h01 = TLanes.FusedMultiplyAdd(x1, w0, b0);
                TLanes w1 = TLanes.Broadcast(weight[4]), b1 = TLanes.Broadcast(bias[unit + 1]);
                TLanes h10 = TLanes.FusedMultiplyAdd(x0, w1, b1);
                TLanes h11 = TLanes.FusedMultiplyAdd(x1, w1, b1);
                TLanes w2 = TLanes.Broadcast(weight[8]), b2 = TLanes.Broadcast(bias[unit + 2]);
                TLanes h20 = TLanes.FusedMultiplyAdd(x0, w2, b2);
                TLanes h21 = TLanes.FusedMultiplyAdd(x1, w2, b2);
                TLanes w3 = TLanes.Broadcast(weight[12]), b3 = TLanes.Broadcast(bias[unit + 3]);
                TLanes h30 = TLanes.FusedMultiplyAdd(x0, w3, b3);
                TLanes h31 = TLanes.FusedMultiplyAdd(x1, w3, b3);
                x0 = TLanes.Load(input1);
                x1 = TLanes.Load(input1 + TLanes.Count);
                w0 = TLanes.Broadcast(weight[1]);
                h00 = TLanes.FusedMultiplyAdd(x0, w0, h00);
                h01 = TLanes.FusedMultiplyAdd(x1, w0, h01);
                w1 = TLanes.Broadcast(weight[5]);
                h10 = TLanes.FusedMultiplyAdd(x0, w1, h10);
                h11 = TLanes.FusedMultiplyAdd(x1, w1, h11);
                w2 = TLanes.Broadcast(weight[9]);
                h20 = TLanes.FusedMultiplyAdd(x0, w2, h20);
                h21 = TLanes.FusedMultiplyAdd(x1, w2, h21);
                w3 = TLanes.Broadcast(weight[13]);
                h30 = TLanes.FusedMultiplyAdd(x0, w3, h30);
                h31 = TLanes.FusedMultiplyAdd(x1, w3, h31);
                x0 = TLanes.Load(input2);
                x1 = TLanes.Load(input2 + TLanes.Count);
                w0 = TLanes.Broadcast(weight[2]);
                h00 = TLanes.FusedMultiplyAdd(x0, w0, h00);
                h01 = TLanes.FusedMultiplyAdd(x1, w0, h01);
                w1 = TLanes.Broadcast(weight[6]);
                h10 = TLanes.FusedMultiplyAdd(x0, w1, h10);
                h11 = TLanes.FusedMultiplyAdd(x1, w1, h11);
                w2 = TLanes.Broadcast(weight[10]);
                h20 = TLanes.FusedMultiplyAdd(x0, w2, h20);
                h21 = TLanes.FusedMultiplyAdd(x1, w2, h21);
                w3 = TLanes.Broadcast(weight[14]);
                h30 = TLanes.FusedMultiplyAdd(x0, w3, h30);
                h31 = TLanes.FusedMultiplyAdd(x1, w3, h31);
                x0 = TLanes.Load(input3);
                x1 = TLanes.Load(input3 + TLanes.Count);
                w0 = TLanes.Broadcast(weight[3]);
                h00 = TLanes.FusedMultiplyAdd(x0, w0, h00);
                h01 = TLanes.FusedMultiplyAdd(x1, w0, h01);
                w1 = TLanes.Broadcast(weight[7]);
                h10 = TLanes.FusedMultiplyAdd(x0, w1, h10);
                h11 = TLanes.FusedMultiplyAdd(x1, w1, h11);
                w2 = TLanes.Broadcast(weight[11]);
                h20 = TLanes.FusedMultiplyAdd(x0, w2, h20);
                h21 = TLanes.FusedMultiplyAdd(x1, w2, h21);
                w3 = TLanes.Broadcast(weight[15]);
                h30 = TLanes.FusedMultiplyAdd(x0, w3, h30);
                h31 = TLanes.FusedMultiplyAdd(x1, w3, h31);
                w0 = TLanes.Broadcast(outputWeight[unit + 0]);
                h00 = Fold(h00, w0, ref out0);
                h01 = Fold(h01, w0, ref out1);
                w1 = TLanes.Broadcast(outputWeight[unit + 1]);
                h10 = Fold(h10, w1, ref out0);
                h11 = Fold(h11, w1, ref out1);
                w2 = TLanes.Broadcast(outputWeight[unit + 2]);
                h20 = Fold(h20, w2, ref out0);
                h21 = Fold(h21, w2, ref out1);
                w3 = TLanes.Broadcast(outputWeight[unit + 3]);
                h30 = Fold(h30, w3, ref out0);
                h31 = Fold(h31, w3, ref out1);
                Push(TLanes.PackBytes(h00, h10, h20, h30), positive, sign, ref signs0);
                Push(TLanes.PackBytes(h01, h11, h21, h31), positive, sign, ref signs1);
            }

            int shift = (32 - (end - word)) / 4;
            TLanes.Store(TLanes.OrderBytes(TLanes.ShiftRightLogical(signs0, shift)), signs);
            TLanes.Store(TLanes.OrderBytes(TLanes.ShiftRightLogical(signs1, shift)), signs + TLanes.Count);
            signs += lanes;
        }

        TLanes.Store(out0, output);
        TLanes.Store(out1, output + TLanes.Count);
    }

    /// <summary>The same for one vector of lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Forward1OfFour(float* observation, float* output, float* signs, int lanes)
    {
        float* weight = _inputWeight.Pointer;
        float* bias = _hiddenBias.Pointer;
        float* outputWeight = _outputWeight.Pointer;
        float* input1 = observation + lanes, input2 = input1 + lanes, input3 = input2 + lanes;
        int units = _paddedUnits;
        TLanes positive = TLanes.BroadcastInt32(0x7F7F7F7F), sign = TLanes.BroadcastInt32(unchecked((int)0x80808080));
        TLanes out0 = TLanes.Broadcast(*Parameters.OutputBias);
        TLanes signs0 = TLanes.Zero;
        for (int word = 0; word < units; word += 32)
        {
            int end = Math.Min(units, word + 32);
            for (int unit = word; unit < end; unit += 4, weight += 16)
            {
                TLanes x0 = TLanes.Load(observation);
                TLanes w0 = TLanes.Broadcast(weight[0]), b0 = TLanes.Broadcast(bias[unit + 0]);
                TLanes h00 = TLanes.FusedMultiplyAdd(x0, w0, b0);
                TLanes w1 = TLanes.Broadcast(weight[4]), b1 = TLanes.Broadcast(bias[unit + 1]);
                TLanes h10 = TLanes.FusedMultiplyAdd(x0, w1, b1);
                TLanes w2 = TLanes.Broadcast(weight[8]), b2 = TLanes.Broadcast(bias[unit + 2]);
                TLanes h20 = TLanes.FusedMultiplyAdd(x0, w2, b2);
                TLanes w3 = TLanes.Broadcast(weight[12]), b3 = TLanes.Broadcast(bias[unit + 3]);
                TLanes h30 = TLanes.FusedMultiplyAdd(x0, w3, b3);
                x0 = TLanes.Load(input1);
                w0 = TLanes.Broadcast(weight[1]);
                h00 = TLanes.FusedMultiplyAdd(x0, w0, h00);
                w1 = TLanes.Broadcast(weight[5]);
                h10 = TLanes.FusedMultiplyAdd(x0, w1, h10);
                w2 = TLanes.Broadcast(weight[9]);
                h20 = TLanes.FusedMultiplyAdd(x0, w2, h20);
                w3 = TLanes.Broadcast(weight[13]);
                h30 = TLanes.FusedMultiplyAdd(x0, w3, h30);
                x0 = TLanes.Load(input2);
                w0 = TLanes.Broadcast(weight[2]);
                h00 = TLanes.FusedMultiplyAdd(x0, w0, h00);
                w1 = TLanes.Broadcast(weight[6]);
                h10 = TLanes.FusedMultiplyAdd(x0, w1, h10);
                w2 = TLanes.Broadcast(weight[10]);
                h20 = TLanes.FusedMultiplyAdd(x0, w2, h20);
                w3 = TLanes.Broadcast(weight[14]);
                h30 = TLanes.FusedMultiplyAdd(x0, w3, h30);
                x0 = TLanes.Load(input3);
                w0 = TLanes.Broadcast(weight[3]);
                h00 = TLanes.FusedMultiplyAdd(x0, w0, h00);
                w1 = TLanes.Broadcast(weight[7]);
                h10 = TLanes.FusedMultiplyAdd(x0, w1, h10);
                w2 = TLanes.Broadcast(weight[11]);
                h20 = TLanes.FusedMultiplyAdd(x0, w2, h20);
                w3 = TLanes.Broadcast(weight[15]);
                h30 = TLanes.FusedMultiplyAdd(x0, w3, h30);
                w0 = TLanes.Broadcast(outputWeight[unit + 0]);
                h00 = Fold(h00, w0, ref out0);
                w1 = TLanes.Broadcast(outputWeight[unit + 1]);
                h10 = Fold(h10, w1, ref out0);
                w2 = TLanes.Broadcast(outputWeight[unit + 2]);
                h20 = Fold(h20, w2, ref out0);
                w3 = TLanes.Broadcast(outputWeight[unit + 3]);
                h30 = Fold(h30, w3, ref out0);
                Push(TLanes.PackBytes(h00, h10, h20, h30), positive, sign, ref signs0);
            }

            int shift = (32 - (end - word)) / 4;
            TLanes.Store(TLanes.OrderBytes(TLanes.ShiftRightLogical(signs0, shift)), signs);
            signs += lanes;
        }

        TLanes.Store(out0, output);
    }

    /// <summary>ReLU, and the unit's share of the output.</summary>
    /// <returns>The activation: as an integer positive where the unit is active, else 0.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Fold(TLanes preActivation, TLanes outputWeight, ref TLanes output)
    {
        TLanes activation = TLanes.MaxInt32(preActivation, TLanes.Zero);
        output = TLanes.FusedMultiplyAdd(outputWeight, activation, output);
        return activation;
    }

    /// <summary>Takes in the activity bits of 4 units, in the highest bit of every byte; those before move down.</summary>
    /// <remarks>After 32 units, bit g of byte k belongs to unit 4g + k. A byte of 0 to 127, with 127 added, has its highest bit set unless it was 0.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Push(TLanes activations, TLanes positive, TLanes sign, ref TLanes signs) =>
        signs = TLanes.Select(sign, TLanes.AddInt32(activations, positive), TLanes.ShiftRightLogical(signs, 1));
}
