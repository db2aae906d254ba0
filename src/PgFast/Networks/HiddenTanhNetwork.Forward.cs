using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Networks;

// Forward: four units at a time, from the inputs to the output without leaving the registers.
internal sealed unsafe partial class HiddenTanhNetwork<TLanes>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Forward(float* observation, float* output, float* record, int lanes) =>
        ForwardRow(observation, output, _keepsActivations ? record : null, lanes);

    /// <summary>The same, with activations to a place of choice: [unit][lane], or null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ForwardRow(float* observation, float* output, float* activation, int lanes)
    {
        int lane = 0;
        for (; lane <= lanes - 2 * TLanes.Count; lane += 2 * TLanes.Count)
            Forward2(observation + lane, output + lane, activation is null ? null : activation + lane, lanes);
        for (; lane < lanes; lane += TLanes.Count)
            Forward1(observation + lane, output + lane, activation is null ? null : activation + lane, lanes);
    }

    /// <summary>Two vectors of lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Forward2(float* observation, float* output, float* activation, int lanes)
    {
        float* weight = InputWeight;
        float* bias = HiddenBias;
        float* outputWeight = OutputWeight;
        int inputs = Inputs, units = PaddedUnits;
        TLanes out0 = TLanes.Broadcast(*Parameters.OutputBias), out1 = out0;
        for (int unit = 0; unit < units; unit += UnitBlock, weight += UnitBlock * inputs)
        {
            TLanes h00 = TLanes.Broadcast(bias[unit + 0]), h01 = h00;
            TLanes h10 = TLanes.Broadcast(bias[unit + 1]), h11 = h10;
            TLanes h20 = TLanes.Broadcast(bias[unit + 2]), h21 = h20;
            TLanes h30 = TLanes.Broadcast(bias[unit + 3]), h31 = h30;
            float* input = observation;
            for (int i = 0; i < inputs; i++, input += lanes)
            {
                TLanes x0 = TLanes.Load(input), x1 = TLanes.Load(input + TLanes.Count);
                TLanes w0 = TLanes.Broadcast(weight[i]);
                h00 = TLanes.FusedMultiplyAdd(w0, x0, h00);
                h01 = TLanes.FusedMultiplyAdd(w0, x1, h01);
                TLanes w1 = TLanes.Broadcast(weight[inputs + i]);
                h10 = TLanes.FusedMultiplyAdd(w1, x0, h10);
                h11 = TLanes.FusedMultiplyAdd(w1, x1, h11);
                TLanes w2 = TLanes.Broadcast(weight[2 * inputs + i]);
                h20 = TLanes.FusedMultiplyAdd(w2, x0, h20);
                h21 = TLanes.FusedMultiplyAdd(w2, x1, h21);
                TLanes w3 = TLanes.Broadcast(weight[3 * inputs + i]);
                h30 = TLanes.FusedMultiplyAdd(w3, x0, h30);
                h31 = TLanes.FusedMultiplyAdd(w3, x1, h31);
            }

            TLanes v0 = TLanes.Broadcast(outputWeight[unit + 0]);
            h00 = Elementary.Tanh(h00);
            out0 = TLanes.FusedMultiplyAdd(v0, h00, out0);
            h01 = Elementary.Tanh(h01);
            out1 = TLanes.FusedMultiplyAdd(v0, h01, out1);
            TLanes v1 = TLanes.Broadcast(outputWeight[unit + 1]);
            h10 = Elementary.Tanh(h10);
            out0 = TLanes.FusedMultiplyAdd(v1, h10, out0);
            h11 = Elementary.Tanh(h11);
            out1 = TLanes.FusedMultiplyAdd(v1, h11, out1);
            TLanes v2 = TLanes.Broadcast(outputWeight[unit + 2]);
            h20 = Elementary.Tanh(h20);
            out0 = TLanes.FusedMultiplyAdd(v2, h20, out0);
            h21 = Elementary.Tanh(h21);
            out1 = TLanes.FusedMultiplyAdd(v2, h21, out1);
            TLanes v3 = TLanes.Broadcast(outputWeight[unit + 3]);
            h30 = Elementary.Tanh(h30);
            out0 = TLanes.FusedMultiplyAdd(v3, h30, out0);
            h31 = Elementary.Tanh(h31);
            out1 = TLanes.FusedMultiplyAdd(v3, h31, out1);
            if (activation is null)
                continue;
            TLanes.Store(h00, activation);
            TLanes.Store(h01, activation + TLanes.Count);
            activation += lanes;
            TLanes.Store(h10, activation);
            TLanes.Store(h11, activation + TLanes.Count);
            activation += lanes;
            TLanes.Store(h20, activation);
            TLanes.Store(h21, activation + TLanes.Count);
            activation += lanes;
            TLanes.Store(h30, activation);
            TLanes.Store(h31, activation + TLanes.Count);
            activation += lanes;
        }

        TLanes.Store(out0, output);
        TLanes.Store(out1, output + TLanes.Count);
    }

    /// <summary>The same for one vector of lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Forward1(float* observation, float* output, float* activation, int lanes)
    {
        float* weight = InputWeight;
        float* bias = HiddenBias;
        float* outputWeight = OutputWeight;
        int inputs = Inputs, units = PaddedUnits;
        TLanes out0 = TLanes.Broadcast(*Parameters.OutputBias);
        for (int unit = 0; unit < units; unit += UnitBlock, weight += UnitBlock * inputs)
        {
            TLanes h00 = TLanes.Broadcast(bias[unit + 0]);
            TLanes h10 = TLanes.Broadcast(bias[unit + 1]);
            TLanes h20 = TLanes.Broadcast(bias[unit + 2]);
            TLanes h30 = TLanes.Broadcast(bias[unit + 3]);
            float* input = observation;
            for (int i = 0; i < inputs; i++, input += lanes)
            {
                TLanes x0 = TLanes.Load(input);
                TLanes w0 = TLanes.Broadcast(weight[i]);
                h00 = TLanes.FusedMultiplyAdd(w0, x0, h00);
                TLanes w1 = TLanes.Broadcast(weight[inputs + i]);
                h10 = TLanes.FusedMultiplyAdd(w1, x0, h10);
                TLanes w2 = TLanes.Broadcast(weight[2 * inputs + i]);
                h20 = TLanes.FusedMultiplyAdd(w2, x0, h20);
                TLanes w3 = TLanes.Broadcast(weight[3 * inputs + i]);
                h30 = TLanes.FusedMultiplyAdd(w3, x0, h30);
            }

            TLanes v0 = TLanes.Broadcast(outputWeight[unit + 0]);
            h00 = Elementary.Tanh(h00);
            out0 = TLanes.FusedMultiplyAdd(v0, h00, out0);
            TLanes v1 = TLanes.Broadcast(outputWeight[unit + 1]);
            h10 = Elementary.Tanh(h10);
            out0 = TLanes.FusedMultiplyAdd(v1, h10, out0);
            TLanes v2 = TLanes.Broadcast(outputWeight[unit + 2]);
            h20 = Elementary.Tanh(h20);
            out0 = TLanes.FusedMultiplyAdd(v2, h20, out0);
            TLanes v3 = TLanes.Broadcast(outputWeight[unit + 3]);
            h30 = Elementary.Tanh(h30);
            out0 = TLanes.FusedMultiplyAdd(v3, h30, out0);
            if (activation is null)
                continue;
            TLanes.Store(h00, activation);
            activation += lanes;
            TLanes.Store(h10, activation);
            activation += lanes;
            TLanes.Store(h20, activation);
            activation += lanes;
            TLanes.Store(h30, activation);
            activation += lanes;
        }

        TLanes.Store(out0, output);
    }
}
