using System.Numerics;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Policies;
using PgFast.Reference;

namespace PgFast.Tests.Support;

/// <summary>Which implementation of a network.</summary>
internal enum KernelKind
{
    /// <summary>What the engine would choose.</summary>
    Chosen,

    /// <summary>What it would choose where there is memory for activations.</summary>
    ChosenRecording,

    /// <summary>The one for any shape, activations computed again for the gradient.</summary>
    Dense,

    /// <summary>The one for any shape, activations recorded by the forward pass.</summary>
    Recording,
}

/// <summary>A policy, and steps of it laid out in rows of lanes.</summary>
internal sealed record PolicyCase
{
    public required NetworkShape Shape { get; init; }

    /// <summary>[ParameterCount].</summary>
    public required float[] Parameters { get; init; }

    /// <summary>[step][feature].</summary>
    public required float[][] Observations { get; init; }

    /// <summary>[step].</summary>
    public required int[] Actions { get; init; }

    /// <summary>What the outputs mean; null for a softmax.</summary>
    public ActionDistribution? Distribution { get; init; }

    /// <summary>[step][dimension]; actions of a Gaussian.</summary>
    public float[][] RealActions { get; init; } = [];

    /// <summary>[step].</summary>
    public required float[] Weights { get; init; }

    /// <summary>Factor on the entropy of each step.</summary>
    public float EntropyCoefficient { get; init; }

    /// <summary>Lanes of a row: 16, 32, 48 or 64.</summary>
    public int Lanes { get; init; } = 64;

    /// <summary>[row]; lanes that hold a step, the others are idle. Null: all, and idle lanes only at the end.</summary>
    public ulong[]? Live { get; init; }

    /// <summary>The same network for the double reference.</summary>
    public ReferenceNetwork Reference =>
        new([.. Shape.Sizes], Shape.Activation == Activation.Relu ? ReferenceActivation.Relu : ReferenceActivation.Tanh, Shape.HasBias);

    /// <summary>The same Gaussian for the double reference.</summary>
    public ReferenceGaussianPolicy ReferenceGaussian => new(Reference, Shape.FreeOutputSize);

    /// <summary>A random Gaussian policy with random steps; σ is about ½ to 2.</summary>
    public static PolicyCase RandomGaussian(
        ActionDistribution distribution, int inputs, int[] hidden, Activation activation, bool hasBias, int steps, ulong seed)
    {
        NetworkShape shape = distribution.CreateShape(inputs, hidden, activation, hasBias);
        PolicyCase policy = Random(shape, steps, seed, weightScale: 0.7f);
        Noise noise = new(seed + 1000);
        noise.Array(shape.FreeOutputSize, -0.7f, 0.7f).CopyTo(policy.Parameters, shape.FreeOutputOffset);
        return policy with { Distribution = distribution, RealActions = noise.Rows(steps, distribution.Size, -2, 2) };
    }

    /// <summary>A random policy with random steps.</summary>
    public static PolicyCase Random(NetworkShape shape, int steps, ulong seed, float weightScale = 1)
    {
        Noise noise = new(seed);
        float[] parameters = new float[shape.ParameterCount];
        for (int layer = 0; layer < shape.LayerCount; layer++)
        {
            float bound = weightScale * MathF.Sqrt(3f / shape.InputSizeOf(layer));
            for (int i = shape.WeightOffset(layer); i < shape.BiasOffset(layer) + shape.BiasSizeOf(layer); i++)
                parameters[i] = noise.Next(-bound, bound);
        }

        return new PolicyCase
        {
            Shape = shape,
            Parameters = parameters,
            Observations = noise.Rows(steps, shape.InputSize, -1.5f, 1.5f),
            Actions = [.. Enumerable.Range(0, steps).Select(_ => noise.Next(0, shape.OutputSize))],
            Weights = noise.Array(steps, -2, 2),
        };
    }

    /// <summary>Σ over the steps of weight · log π(action) + coefficient · H, by the double reference, as a function of the parameters.</summary>
    public double Objective(double[] parameters)
    {
        if (Distribution is not null)
        {
            return Enumerable.Range(0, Observations.Length).Sum(step =>
            {
                double[] outputs = ReferenceGaussian.Outputs(parameters, Closeness.ToDouble(Observations[step]));
                return Weights[step] * PgFast.Reference.ReferenceGaussian.LogProbability(outputs, Closeness.ToDouble(RealActions[step]))
                    + EntropyCoefficient * PgFast.Reference.ReferenceGaussian.Entropy(outputs);
            });
        }

        ReferenceNetwork network = Reference;
        double sum = 0;
        for (int step = 0; step < Observations.Length; step++)
        {
            double[] logits = network.Forward(parameters, Closeness.ToDouble(Observations[step]))[^1];
            sum += Weights[step] * ReferenceSoftmax.LogProbabilities(logits)[Actions[step]];
            sum += EntropyCoefficient * ReferenceSoftmax.Entropy(logits);
        }

        return sum;
    }

    /// <summary>The gradient of <see cref="Objective"/> at <see cref="Parameters"/>, by the double reference.</summary>
    public double[] ReferenceGradient()
    {
        ReferenceNetwork network = Reference;
        double[] parameters = Closeness.ToDouble(Parameters);
        double[] gradient = new double[parameters.Length];
        if (Distribution is not null)
        {
            for (int step = 0; step < Observations.Length; step++)
            {
                ReferenceGaussian.AddGradient(
                    parameters, Closeness.ToDouble(Observations[step]), Closeness.ToDouble(RealActions[step]), Weights[step], EntropyCoefficient, gradient);
            }

            return gradient;
        }

        for (int step = 0; step < Observations.Length; step++)
        {
            double[][] activations = network.Forward(parameters, Closeness.ToDouble(Observations[step]));
            double[] score = ReferenceSoftmax.LogProbabilityGradient(activations[^1], Actions[step]);
            double[] entropy = ReferenceSoftmax.EntropyGradient(activations[^1]);
            network.Backward(parameters, activations, [.. score.Zip(entropy, (s, h) => Weights[step] * s + EntropyCoefficient * h)], gradient);
        }

        return gradient;
    }

    /// <summary>
    /// Whether a hidden unit of some step is so near to its kink that rounding may put it on the other side, where the gradients differ.
    /// </summary>
    public bool IsNearKink(double margin)
    {
        if (Shape.Activation != Activation.Relu)
            return false;
        ReferenceNetwork network = Reference;
        double[] parameters = Closeness.ToDouble(Parameters)[..network.ParameterCount];
        foreach (float[] observation in Observations)
        {
            double[][] activations = network.Forward(parameters, Closeness.ToDouble(observation));
            for (int layer = 0; layer < Shape.LayerCount - 1; layer++)
            {
                for (int unit = 0; unit < Shape.OutputSizeOf(layer); unit++)
                {
                    double sum = Shape.HasBias ? parameters[Shape.BiasOffset(layer) + unit] : 0;
                    for (int i = 0; i < Shape.InputSizeOf(layer); i++)
                        sum += parameters[Shape.WeightOffset(layer) + unit * Shape.InputSizeOf(layer) + i] * activations[layer][i];
                    if (Math.Abs(sum) < margin)
                        return true;
                }
            }
        }

        return false;
    }
}

/// <summary>What the engine computed for a <see cref="PolicyCase"/>.</summary>
/// <param name="Outputs">[step][output]; one output, z₁ − z₀, where two are merged.</param>
/// <param name="LogProbabilities">[step].</param>
/// <param name="Entropies">[step].</param>
/// <param name="Gradient">[ParameterCount].</param>
internal sealed record PolicyPass(float[][] Outputs, float[] LogProbabilities, float[] Entropies, double[] Gradient);

/// <summary>The engine's forward pass, softmax head and backward pass, on steps given one by one.</summary>
internal static unsafe class PolicyHarness
{
    /// <summary>Computes everything at a chosen lane width.</summary>
    public static PolicyPass Run(PolicyCase policy, int width = 16, KernelKind kind = KernelKind.Chosen) =>
        Widths.Visit<Runner, PolicyPass>(width, new Runner(policy, kind));

    /// <summary>Whether the engine has a fast path for this network.</summary>
    public static bool HasFastPath(NetworkShape shape)
    {
        using NetworkParameters parameters = new(shape, shape.OutputSize == 2);
        using NetworkKernels network = NetworkKernels.Choose<Lanes16>(parameters, keepsActivations: false);
        return network is not DenseNetwork<Lanes16>;
    }

    private readonly struct Runner(PolicyCase policy, KernelKind kind) : ILaneVisitor<PolicyPass>
    {
        public PolicyPass Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes>
        {
            NetworkShape shape = policy.Shape;
            int lanes = policy.Lanes, steps = policy.Observations.Length;
            ActionDistribution distribution = policy.Distribution ?? ActionDistribution.Softmax(shape.OutputSize);
            using NetworkParameters parameters = new(shape, distribution.MergesOutputs);
            policy.Parameters.CopyTo(parameters.Flat);
            parameters.Refresh();
            using NetworkKernels network = kind is KernelKind.Chosen or KernelKind.ChosenRecording
                ? NetworkKernels.Choose<TLanes>(parameters, keepsActivations: kind == KernelKind.ChosenRecording)
                : new DenseNetwork<TLanes>(parameters, keepsActivations: kind == KernelKind.Recording);
            using PolicyHead head = !distribution.IsDiscrete
                ? new Gaussian<TLanes>(distribution.Size)
                : shape.OutputSize == 2 ? new TwoActionSoftmax<TLanes>() : new Softmax<TLanes>(shape.OutputSize);
            network.Refresh();
            ulong[] live = policy.Live ?? LiveOf(steps, lanes);
            Assert.Equal(steps, live.Sum(BitOperations.PopCount));
            int rows = live.Length, outputs = parameters.EffectiveOutputs, recordSize = network.RecordSize;
            using AlignedBuffer<float> observation = new((long)rows * shape.InputSize * lanes);
            using AlignedBuffer<float> output = new((long)rows * outputs * lanes);
            using AlignedBuffer<float> outputGradient = new((long)rows * outputs * lanes);
            using AlignedBuffer<float> record = new(Math.Max(1L, (long)rows * recordSize * lanes));
            using AlignedBuffer<float> perStep = new((3L + distribution.ActionRows) * lanes);
            using AlignedBuffer<double> gradient = new(shape.ParameterCount);
            float* action = perStep.Pointer;
            float* weight = action + distribution.ActionRows * lanes;
            float* logProbability = weight + lanes;
            float* entropy = logProbability + lanes;
            PolicyPass pass = new(new float[steps][], new float[steps], new float[steps], new double[shape.ParameterCount]);
            int step = 0;
            for (int row = 0; row < rows; row++)
            {
                float* x = observation.Pointer + (nint)row * shape.InputSize * lanes;
                float* z = output.Pointer + (nint)row * outputs * lanes;
                float* dz = outputGradient.Pointer + (nint)row * outputs * lanes;
                perStep.Span.Clear();
                int first = step;
                for (ulong rest = live[row]; rest != 0; rest &= rest - 1, step++)
                {
                    int lane = BitOperations.TrailingZeroCount(rest);
                    for (int feature = 0; feature < shape.InputSize; feature++)
                        x[feature * lanes + lane] = policy.Observations[step][feature];
                    if (distribution.IsDiscrete)
                        ((int*)action)[lane] = policy.Actions[step];
                    for (int d = 0; !distribution.IsDiscrete && d < distribution.Size; d++)
                        action[d * lanes + lane] = policy.RealActions[step][d];
                    weight[lane] = policy.Weights[step];
                }

                network.Forward(x, z, record.Pointer + (nint)row * recordSize * lanes, lanes);
                head.Evaluate(z, action, logProbability, entropy, lanes);
                head.Score(z, action, weight, new ScoreScale(1, 0, policy.EntropyCoefficient), dz, lanes);
                step = first;
                for (int lane = 0; lane < lanes; lane++)
                {
                    bool isLive = (live[row] >> lane & 1) != 0;
                    for (int k = 0; k < outputs; k++)
                        dz[k * lanes + lane] = isLive ? dz[k * lanes + lane] : 0;
                    if (!isLive)
                        continue;
                    pass.Outputs[step] = new float[outputs];
                    for (int k = 0; k < outputs; k++)
                        pass.Outputs[step][k] = z[k * lanes + lane];
                    pass.LogProbabilities[step] = logProbability[lane];
                    pass.Entropies[step] = entropy[lane];
                    step++;
                }
            }

            fixed (ulong* liveRows = live)
            {
                network.BeginGradient(gradient.Pointer);
                int chunk = Math.Max(1, network.ChunkSteps / lanes);
                for (int row = 0; row < rows; row += chunk)
                {
                    network.Accumulate(new GradientChunk
                    {
                        Observation = observation.Pointer + (nint)row * shape.InputSize * lanes,
                        OutputGradient = outputGradient.Pointer + (nint)row * outputs * lanes,
                        Record = record.Pointer + (nint)row * recordSize * lanes,
                        Live = liveRows + row,
                        Rows = Math.Min(chunk, rows - row),
                        Lanes = lanes,
                    });
                }

                network.EndGradient();
            }

            gradient.Span.CopyTo(pass.Gradient);
            return pass;
        }

        private static ulong[] LiveOf(int steps, int lanes)
        {
            ulong[] live = new ulong[(steps + lanes - 1) / lanes];
            for (int step = 0; step < steps; step++)
                live[step / lanes] |= 1UL << step % lanes;
            return live;
        }
    }
}
