using System.Runtime.CompilerServices;

namespace PgFast.Networks;

// Forward: pre-activations live in registers, are folded into the output at once, and leave one bit each.
internal sealed unsafe partial class HiddenReluNetwork<TLanes>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Forward(float* observation, float* output, float* record, int lanes)
    {
        int lane = 0;
        for (; lane <= lanes - 2 * TLanes.Count; lane += 2 * TLanes.Count)
            Forward2(observation + lane, output + lane, record + lane, lanes);
        for (; lane < lanes; lane += TLanes.Count)
            Forward1(observation + lane, output + lane, record + lane, lanes);
    }

    /// <summary>Two vectors of lanes; 4 units × 2 vectors of pre-activations in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Forward2(float* observation, float* output, float* signs, int lanes)
    {
        float* weight = InputWeight;
        float* bias = HiddenBias;
        float* outputWeight = OutputWeight;
        int inputs = Inputs, units = PaddedUnits;
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
                float* w0 = weight, w1 = w0 + inputs, w2 = w1 + inputs, w3 = w2 + inputs;
                int i = 0;
                for (; i <= inputs - 4; i += 4, w0 += 4, w1 += 4, w2 += 4, w3 += 4, input += 4 * lanes)
                {
                    TLanes x0 = TLanes.Load(input), x1 = TLanes.Load(input + TLanes.Count);
                    TLanes w = TLanes.Broadcast(w0[0]);
                    h00 = TLanes.FusedMultiplyAdd(x0, w, h00);
                    h01 = TLanes.FusedMultiplyAdd(x1, w, h01);
                    w = TLanes.Broadcast(w1[0]);
                    h10 = TLanes.FusedMultiplyAdd(x0, w, h10);
                    h11 = TLanes.FusedMultiplyAdd(x1, w, h11);
                    w = TLanes.Broadcast(w2[0]);
                    h20 = TLanes.FusedMultiplyAdd(x0, w, h20);
                    h21 = TLanes.FusedMultiplyAdd(x1, w, h21);
                    w = TLanes.Broadcast(w3[0]);
                    h30 = TLanes.FusedMultiplyAdd(x0, w, h30);
                    h31 = TLanes.FusedMultiplyAdd(x1, w, h31);
                    x0 = TLanes.Load(input + lanes);
                    x1 = TLanes.Load(input + lanes + TLanes.Count);
                    w = TLanes.Broadcast(w0[1]);
                    h00 = TLanes.FusedMultiplyAdd(x0, w, h00);
                    h01 = TLanes.FusedMultiplyAdd(x1, w, h01);
                    w = TLanes.Broadcast(w1[1]);
                    h10 = TLanes.FusedMultiplyAdd(x0, w, h10);
                    h11 = TLanes.FusedMultiplyAdd(x1, w, h11);
                    w = TLanes.Broadcast(w2[1]);
                    h20 = TLanes.FusedMultiplyAdd(x0, w, h20);
                    h21 = TLanes.FusedMultiplyAdd(x1, w, h21);
                    w = TLanes.Broadcast(w3[1]);
                    h30 = TLanes.FusedMultiplyAdd(x0, w, h30);
                    h31 = TLanes.FusedMultiplyAdd(x1, w, h31);
                    x0 = TLanes.Load(input + 2 * lanes);
                    x1 = TLanes.Load(input + 2 * lanes + TLanes.Count);
                    w = TLanes.Broadcast(w0[2]);
                    h00 = TLanes.FusedMultiplyAdd(x0, w, h00);
                    h01 = TLanes.FusedMultiplyAdd(x1, w, h01);
                    w = TLanes.Broadcast(w1[2]);
                    h10 = TLanes.FusedMultiplyAdd(x0, w, h10);
                    h11 = TLanes.FusedMultiplyAdd(x1, w, h11);
                    w = TLanes.Broadcast(w2[2]);
                    h20 = TLanes.FusedMultiplyAdd(x0, w, h20);
                    h21 = TLanes.FusedMultiplyAdd(x1, w, h21);
                    w = TLanes.Broadcast(w3[2]);
                    h30 = TLanes.FusedMultiplyAdd(x0, w, h30);
                    h31 = TLanes.FusedMultiplyAdd(x1, w, h31);
                    x0 = TLanes.Load(input + 3 * lanes);
                    x1 = TLanes.Load(input + 3 * lanes + TLanes.Count);
                    w = TLanes.Broadcast(w0[3]);
                    h00 = TLanes.FusedMultiplyAdd(x0, w, h00);
                    h01 = TLanes.FusedMultiplyAdd(x1, w, h01);
                    w = TLanes.Broadcast(w1[3]);
                    h10 = TLanes.FusedMultiplyAdd(x0, w, h10);
                    h11 = TLanes.FusedMultiplyAdd(x1, w, h11);
                    w = TLanes.Broadcast(w2[3]);
                    h20 = TLanes.FusedMultiplyAdd(x0, w, h20);
                    h21 = TLanes.FusedMultiplyAdd(x1, w, h21);
                    w = TLanes.Broadcast(w3[3]);
                    h30 = TLanes.FusedMultiplyAdd(x0, w, h30);
                    h31 = TLanes.FusedMultiplyAdd(x1, w, h31);
                }

                for (; i < inputs; i++, w0++, w1++, w2++, w3++, input += lanes)
                {
                    TLanes x0 = TLanes.Load(input), x1 = TLanes.Load(input + TLanes.Count);
                    TLanes w = TLanes.Broadcast(*w0);
                    h00 = TLanes.FusedMultiplyAdd(x0, w, h00);
                    h01 = TLanes.FusedMultiplyAdd(x1, w, h01);
                    w = TLanes.Broadcast(*w1);
                    h10 = TLanes.FusedMultiplyAdd(x0, w, h10);
                    h11 = TLanes.FusedMultiplyAdd(x1, w, h11);
                    w = TLanes.Broadcast(*w2);
                    h20 = TLanes.FusedMultiplyAdd(x0, w, h20);
                    h21 = TLanes.FusedMultiplyAdd(x1, w, h21);
                    w = TLanes.Broadcast(*w3);
                    h30 = TLanes.FusedMultiplyAdd(x0, w, h30);
                    h31 = TLanes.FusedMultiplyAdd(x1, w, h31);
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
        float* weight = InputWeight;
        float* bias = HiddenBias;
        float* outputWeight = OutputWeight;
        int inputs = Inputs, units = PaddedUnits;
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
                float* w0 = weight, w1 = w0 + inputs, w2 = w1 + inputs, w3 = w2 + inputs;
                int i = 0;
                for (; i <= inputs - 4; i += 4, w0 += 4, w1 += 4, w2 += 4, w3 += 4, input += 4 * lanes)
                {
                    TLanes x0 = TLanes.Load(input);
                    TLanes w = TLanes.Broadcast(w0[0]);
                    h00 = TLanes.FusedMultiplyAdd(x0, w, h00);
                    w = TLanes.Broadcast(w1[0]);
                    h10 = TLanes.FusedMultiplyAdd(x0, w, h10);
                    w = TLanes.Broadcast(w2[0]);
                    h20 = TLanes.FusedMultiplyAdd(x0, w, h20);
                    w = TLanes.Broadcast(w3[0]);
                    h30 = TLanes.FusedMultiplyAdd(x0, w, h30);
                    x0 = TLanes.Load(input + lanes);
                    w = TLanes.Broadcast(w0[1]);
                    h00 = TLanes.FusedMultiplyAdd(x0, w, h00);
                    w = TLanes.Broadcast(w1[1]);
                    h10 = TLanes.FusedMultiplyAdd(x0, w, h10);
                    w = TLanes.Broadcast(w2[1]);
                    h20 = TLanes.FusedMultiplyAdd(x0, w, h20);
                    w = TLanes.Broadcast(w3[1]);
                    h30 = TLanes.FusedMultiplyAdd(x0, w, h30);
                    x0 = TLanes.Load(input + 2 * lanes);
                    w = TLanes.Broadcast(w0[2]);
                    h00 = TLanes.FusedMultiplyAdd(x0, w, h00);
                    w = TLanes.Broadcast(w1[2]);
                    h10 = TLanes.FusedMultiplyAdd(x0, w, h10);
                    w = TLanes.Broadcast(w2[2]);
                    h20 = TLanes.FusedMultiplyAdd(x0, w, h20);
                    w = TLanes.Broadcast(w3[2]);
                    h30 = TLanes.FusedMultiplyAdd(x0, w, h30);
                    x0 = TLanes.Load(input + 3 * lanes);
                    w = TLanes.Broadcast(w0[3]);
                    h00 = TLanes.FusedMultiplyAdd(x0, w, h00);
                    w = TLanes.Broadcast(w1[3]);
                    h10 = TLanes.FusedMultiplyAdd(x0, w, h10);
                    w = TLanes.Broadcast(w2[3]);
                    h20 = TLanes.FusedMultiplyAdd(x0, w, h20);
                    w = TLanes.Broadcast(w3[3]);
                    h30 = TLanes.FusedMultiplyAdd(x0, w, h30);
                }

                for (; i < inputs; i++, w0++, w1++, w2++, w3++, input += lanes)
                {
                    TLanes x0 = TLanes.Load(input);
                    TLanes w = TLanes.Broadcast(*w0);
                    h00 = TLanes.FusedMultiplyAdd(x0, w, h00);
                    w = TLanes.Broadcast(*w1);
                    h10 = TLanes.FusedMultiplyAdd(x0, w, h10);
                    w = TLanes.Broadcast(*w2);
                    h20 = TLanes.FusedMultiplyAdd(x0, w, h20);
                    w = TLanes.Broadcast(*w3);
                    h30 = TLanes.FusedMultiplyAdd(x0, w, h30);
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
