using PgFast.Numerics;
using PgFast.Policies;
using PgFast.Randomness;

namespace PgFast.Tests.Support;

/// <summary>
/// Calls a softmax head at a chosen lane width on any number of samples. With two actions a sample's outputs are the one difference
/// z₁ − z₀, else one logit an action.
/// </summary>
internal static unsafe class HeadHarness
{
    private const int Lanes = 64;

    /// <summary>log π(action) and entropy of every sample.</summary>
    public static (float[] LogProbability, float[] Entropy) Evaluate(int width, int actions, float[][] outputs, int[] chosen)
    {
        float[] logProbabilities = new float[outputs.Length], entropies = new float[outputs.Length];
        using PolicyHead head = Create(width, actions);
        using AlignedBuffer<float> memory = new((outputs[0].Length + 3) * Lanes);
        float* output = memory.Pointer;
        float* action = output + outputs[0].Length * Lanes;
        float* logProbability = action + Lanes;
        float* entropy = logProbability + Lanes;
        for (int start = 0; start < outputs.Length; start += Lanes)
        {
            int count = Fill(outputs, chosen, start, output, action);
            head.Evaluate(output, action, logProbability, entropy, Lanes);
            for (int lane = 0; lane < count; lane++)
            {
                logProbabilities[start + lane] = logProbability[lane];
                entropies[start + lane] = entropy[lane];
            }
        }

        return (logProbabilities, entropies);
    }

    /// <summary>[sample][output]; what <see cref="PolicyHead.Score"/> gives.</summary>
    public static float[][] Score(int width, int actions, float[][] outputs, int[] chosen, float[] weights, ScoreScale scale)
    {
        int size = outputs[0].Length;
        float[][] gradients = new float[outputs.Length][];
        using PolicyHead head = Create(width, actions);
        using AlignedBuffer<float> memory = new((2 * size + 2) * Lanes);
        float* output = memory.Pointer;
        float* action = output + size * Lanes;
        float* weight = action + Lanes;
        float* gradient = weight + Lanes;
        for (int start = 0; start < outputs.Length; start += Lanes)
        {
            int count = Fill(outputs, chosen, start, output, action);
            for (int lane = 0; lane < Lanes; lane++)
                weight[lane] = lane < count ? weights[start + lane] : 0;
            head.Score(output, action, weight, scale, gradient, Lanes);
            // In the place of the outputs it is the same.
            head.Score(output, action, weight, scale, output, Lanes);
            Bits.AssertEqual(new ReadOnlySpan<float>(gradient, size * Lanes), new ReadOnlySpan<float>(output, size * Lanes), $"{actions} actions, in place");
            for (int lane = 0; lane < count; lane++)
            {
                gradients[start + lane] = new float[size];
                for (int k = 0; k < size; k++)
                    gradients[start + lane][k] = gradient[k * Lanes + lane];
            }
        }

        return gradients;
    }

    /// <summary>The most probable action of every sample.</summary>
    public static int[] Mode(int width, int actions, float[][] outputs)
    {
        int[] modes = new int[outputs.Length];
        using PolicyHead head = Create(width, actions);
        using AlignedBuffer<float> memory = new((outputs[0].Length + 1) * Lanes);
        float* output = memory.Pointer;
        float* action = output + outputs[0].Length * Lanes;
        for (int start = 0; start < outputs.Length; start += Lanes)
        {
            int count = Fill(outputs, new int[outputs.Length], start, output, action);
            head.Mode(output, action, Lanes);
            for (int lane = 0; lane < count; lane++)
                modes[start + lane] = ((int*)action)[lane];
        }

        return modes;
    }

    /// <summary>The action that each word draws.</summary>
    public static int[] Sample(int width, int actions, float[][] outputs, uint[] words)
    {
        int[] drawn = new int[outputs.Length];
        using PolicyHead head = Create(width, actions);
        using AlignedBuffer<float> memory = new((outputs[0].Length + 2) * Lanes);
        float* output = memory.Pointer;
        float* action = output + outputs[0].Length * Lanes;
        float* word = action + Lanes;
        for (int start = 0; start < outputs.Length; start += Lanes)
        {
            int count = Fill(outputs, new int[outputs.Length], start, output, action);
            for (int lane = 0; lane < Lanes; lane++)
                word[lane] = BitConverter.UInt32BitsToSingle(lane < count ? words[start + lane] : 0);
            head.Sample(output, word, action, Lanes);
            for (int lane = 0; lane < count; lane++)
                drawn[start + lane] = ((int*)action)[lane];
        }

        return drawn;
    }

    /// <summary>How often each action is drawn in many draws from the same outputs, at the width in use.</summary>
    public static long[] Frequencies(int actions, float[] outputs, long draws, ulong seed) =>
        LaneWidth.Dispatch<Counter, long[]>(new Counter(actions, outputs, draws, seed));

    private static PolicyHead Create(int width, int actions) => Widths.Visit<Factory, PolicyHead>(width, new Factory(actions));

    private static int Fill(float[][] outputs, int[] chosen, int start, float* output, float* action)
    {
        int count = Math.Min(Lanes, outputs.Length - start), size = outputs[0].Length;
        for (int lane = 0; lane < Lanes; lane++)
        {
            for (int k = 0; k < size; k++)
                output[k * Lanes + lane] = lane < count ? outputs[start + lane][k] : 0;
            ((int*)action)[lane] = lane < count ? chosen[start + lane] : 0;
        }

        return count;
    }

    private readonly struct Factory(int actions) : ILaneVisitor<PolicyHead>
    {
        public PolicyHead Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes> =>
            actions == 2 ? new TwoActionSoftmax<TLanes>() : new Softmax<TLanes>(actions);
    }

    private readonly struct Counter(int actions, float[] outputs, long draws, ulong seed) : ILaneVisitor<long[]>
    {
        public long[] Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes>
        {
            long[] count = new long[actions];
            using PolicyHead head = new Factory(actions).Visit<TLanes>();
            using AlignedBuffer<float> memory = new((outputs.Length + 5) * Lanes);
            float* output = memory.Pointer;
            float* word = output + outputs.Length * Lanes;
            float* action = word + 4 * Lanes;
            for (int k = 0; k < outputs.Length; k++)
                new Span<float>(output + k * Lanes, Lanes).Fill(outputs[k]);
            for (long start = 0, block = 0; start < draws; start += 4 * Lanes, block += Lanes)
            {
                for (int lane = 0; lane < Lanes; lane += TLanes.Count)
                {
                    TLanes n0 = TLanes.AddInt32(TLanes.LaneIndices, TLanes.BroadcastInt32((int)block + lane));
                    TLanes n1 = TLanes.Zero, n2 = TLanes.Zero, n3 = TLanes.Zero;
                    Philox.Generate(ref n0, ref n1, ref n2, ref n3, seed);
                    TLanes.Store(n0, word + lane);
                    TLanes.Store(n1, word + Lanes + lane);
                    TLanes.Store(n2, word + 2 * Lanes + lane);
                    TLanes.Store(n3, word + 3 * Lanes + lane);
                }

                for (int row = 0; row < 4; row++)
                {
                    head.Sample(output, word + row * Lanes, action, Lanes);
                    for (int lane = 0; lane < Lanes; lane++)
                        count[((int*)action)[lane]]++;
                }
            }

            return count;
        }
    }
}
