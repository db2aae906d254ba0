using CsCheck;
using PgFast.Networks;
using PgFast.Tests.Golden;
using PgFast.Tests.Support;

namespace PgFast.Tests.Networks;

/// <summary>The engine's forward pass, head and backward pass against PyTorch, the double reference and finite differences.</summary>
public class PolicyGradientTests
{
    // Single precision: sums of some hundred products, activations of a few last bits. Relative to the largest component of the vector,
    // as small components are sums of large numbers that cancel.
    private const double GradientTolerance = 2e-5;
    private const double OutputTolerance = 5e-6;

    // Log-probabilities of −150 are differences of logits of that size, each a sum in single precision.
    private const double LogProbabilityTolerance = 5e-6;

    // The entropy of a policy that is nearly certain: 1 + exp(−z) is rounded to single precision before the logarithm.
    private const double EntropyRounding = 1.2e-7;

    // PyTorch forms a saturated policy's scores as differences of numbers near 1: what it rounds off is absolute, times weights of up to 60.
    private const double GoldenRounding = 1e-14;

    // Step and error of central differences in double: h² of the third derivative, and 1e-15/h of rounding of the objective.
    private const double DifferenceStep = 1e-6;
    private const double DifferenceTolerance = 1e-7;

    // A hidden unit nearer to its kink than this may be rounded to the other side.
    private const double KinkMargin = 4e-6;

    public static TheoryData<string, int> GoldenNames
    {
        get
        {
            TheoryData<string, int> rows = [];
            foreach (string name in GoldenPolicyGradient.SoftmaxNames)
            {
                foreach (int width in Widths.All)
                    rows.Add(name, width);
            }

            return rows;
        }
    }

    /// <summary>Sizes, activation, whether there are biases, and steps.</summary>
    public static TheoryData<int[], Activation, bool, int> Shapes => new()
    {
        { [4, 2], Activation.Relu, true, 30 },
        { [3, 5], Activation.Tanh, true, 30 },
        { [4, 32, 2], Activation.Relu, true, 40 },
        { [4, 32, 2], Activation.Tanh, true, 40 },
        { [6, 50, 2], Activation.Relu, true, 40 },
        { [8, 70, 2], Activation.Relu, true, 20 },
        { [8, 37, 2], Activation.Tanh, true, 40 },
        { [5, 7, 3], Activation.Relu, true, 40 },
        { [2, 9, 11, 2], Activation.Relu, true, 40 },
        { [2, 9, 11, 4], Activation.Tanh, true, 40 },
        { [3, 6, 5, 4, 2], Activation.Tanh, true, 20 },
        { [1, 1, 2], Activation.Relu, true, 10 },
        { [1, 2], Activation.Relu, false, 10 },
        { [1, 3], Activation.Relu, false, 10 },
        { [4, 32, 2], Activation.Relu, false, 40 },
        { [5, 7, 3], Activation.Tanh, false, 40 },
        { [2, 9, 11, 2], Activation.Relu, false, 40 },
        { [3, 6, 5, 4, 2], Activation.Tanh, false, 20 },
    };

    [Theory]
    [MemberData(nameof(GoldenNames))]
    public void Forward_GoldenBatches_GivesTheGoldenLogProbabilitiesAndEntropies(string name, int width)
    {
        GoldenPolicyGradient golden = GoldenPolicyGradient.Load(name);
        foreach (GoldenBatch batch in golden.Batches)
        {
            PolicyPass pass = PolicyHarness.Run(CaseOf(golden, batch), width);
            double[][] outputs = golden.Sizes[^1] == 2 ? [.. batch.Outputs.Select(row => new[] { row[1] - row[0] })] : batch.Outputs;
            Closeness.AssertClose(
                [.. outputs.SelectMany(row => row)], Closeness.ToDouble([.. pass.Outputs.SelectMany(row => row)]), OutputTolerance, "outputs");
            Closeness.AssertClose(batch.LogProbabilities, Closeness.ToDouble(pass.LogProbabilities), LogProbabilityTolerance, "log π");
            Closeness.AssertClose(batch.Entropies, Closeness.ToDouble(pass.Entropies), GradientTolerance, "entropy", EntropyRounding);
        }
    }

    [Theory]
    [MemberData(nameof(GoldenNames))]
    public void Gradient_GoldenWeights_IsTheGoldenPolicyGradient(string name, int width)
    {
        GoldenPolicyGradient golden = GoldenPolicyGradient.Load(name);
        foreach (GoldenBatch batch in golden.Batches)
        {
            PolicyCase policy = CaseOf(golden, batch);
            foreach (KernelKind kind in Enum.GetValues<KernelKind>())
            {
                double[] gradient = PolicyHarness.Run(policy, width, kind).Gradient;
                Closeness.AssertClose(batch.WeightedLogProbabilityGradient, gradient, GradientTolerance, $"{kind} kernels", GoldenRounding);
            }
        }
    }

    [Theory]
    [MemberData(nameof(GoldenNames))]
    public void Gradient_EntropyAlone_IsTheGoldenEntropyGradient(string name, int width)
    {
        GoldenPolicyGradient golden = GoldenPolicyGradient.Load(name);
        foreach (GoldenBatch batch in golden.Batches)
        {
            PolicyCase policy = CaseOf(golden, batch) with { Weights = new float[batch.Count], EntropyCoefficient = 1 };
            double[] gradient = Array.ConvertAll(PolicyHarness.Run(policy, width).Gradient, value => value / batch.Count);
            Closeness.AssertClose(batch.MeanEntropyGradient, gradient, GradientTolerance, $"batch of {batch.Count}", GoldenRounding);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Gradient_EveryParameter_IsTheCentralDifferenceOfTheObjective(int[] sizes, Activation activation, bool hasBias, int steps)
    {
        PolicyCase policy = PolicyCase.Random(ShapeOf(sizes, activation, hasBias), steps, seed: 77) with { EntropyCoefficient = 0.3f };
        Assert.False(policy.IsNearKink(KinkMargin), "choose another seed: a unit is near its kink");
        double[] gradient = PolicyHarness.Run(policy).Gradient;
        double[] differences = new double[gradient.Length];
        double[] parameters = Closeness.ToDouble(policy.Parameters);
        for (int i = 0; i < differences.Length; i++)
        {
            double kept = parameters[i];
            parameters[i] = kept + DifferenceStep;
            double above = policy.Objective(parameters);
            parameters[i] = kept - DifferenceStep;
            double below = policy.Objective(parameters);
            parameters[i] = kept;
            differences[i] = (above - below) / (2 * DifferenceStep);
        }

        // Block by block, so that a small tensor cannot hide behind a large one.
        NetworkShape shape = policy.Shape;
        for (int layer = 0; layer < shape.LayerCount; layer++)
        {
            AssertBlock(shape.WeightOffset(layer)..shape.BiasOffset(layer), $"weight {layer}");
            if (hasBias)
                AssertBlock(shape.BiasOffset(layer)..(shape.BiasOffset(layer) + shape.OutputSizeOf(layer)), $"bias {layer}");
        }

        void AssertBlock(Range block, string what) =>
            Closeness.AssertClose(differences[block], gradient[block], GradientTolerance + DifferenceTolerance, what);
    }

    [Fact]
    public void Gradient_RandomShapesAndBatches_IsTheReference() =>
        RandomCases(Gen.Int[0, 3], Gen.Int[2, 6]).Sample(
            (policy, width) =>
            {
                PolicyPass pass = PolicyHarness.Run(policy, width, width % 8 == 0 ? KernelKind.Chosen : KernelKind.Dense);
                Closeness.AssertClose(policy.ReferenceGradient(), pass.Gradient, GradientTolerance, $"{policy.Shape} at {width} lanes");
            },
            iter: 150);

    [Fact]
    public void Forward_RandomShapesAndBatches_IsTheReference() =>
        RandomCases(Gen.Int[0, 3], Gen.Int[2, 20]).Sample(
            (policy, width) =>
            {
                PolicyPass pass = PolicyHarness.Run(policy, width);
                double[] parameters = Closeness.ToDouble(policy.Parameters);
                double[][] logits = [.. policy.Observations.Select(x => policy.Reference.Forward(parameters, Closeness.ToDouble(x))[^1])];
                double[] expected = [.. logits.SelectMany(z => z.Length == 2 ? [z[1] - z[0]] : z)];
                Closeness.AssertClose(
                    expected, Closeness.ToDouble([.. pass.Outputs.SelectMany(row => row)]), OutputTolerance, $"{policy.Shape} at {width} lanes");
            },
            iter: 150);

    [Fact]
    public void AllResults_AtEveryWidth_HaveTheSameBits()
    {
        foreach (object[] row in (IEnumerable<object[]>)Shapes)
        {
            PolicyCase policy = PolicyCase.Random(ShapeOf((int[])row[0], (Activation)row[1], (bool)row[2]), 1500, seed: 5);
            policy = policy with { EntropyCoefficient = 0.01f, Lanes = 48 };
            foreach (KernelKind kind in Enum.GetValues<KernelKind>())
            {
                PolicyPass widest = PolicyHarness.Run(policy, 16, kind);
                foreach (int width in Widths.All)
                {
                    PolicyPass pass = PolicyHarness.Run(policy, width, kind);
                    Bits.AssertEqual(widest.Outputs, pass.Outputs, $"outputs of {policy.Shape} at {width} lanes");
                    Bits.AssertEqual(widest.LogProbabilities, pass.LogProbabilities, $"log π of {policy.Shape} at {width} lanes");
                    Assert.Equal(widest.Gradient, pass.Gradient);
                }
            }
        }
    }

    [Fact]
    public void FastPath_RandomNetworksLanesAndMasks_IsTheDenseNetwork() =>
        Gen.Select(Gen.Int[1, 13], Gen.Int[1, 70], Gen.Int[1, 4], Gen.Int[1, 70], Widths.Any, Gen.ULong, Gen.Enum<Activation>()).Sample(
            (inputs, units, groups, rows, width, seed, activation) =>
            {
                if (activation == Activation.Tanh)
                    inputs = Math.Max(1, inputs / 4) * 4;
                PolicyCase policy = MaskedCase(ShapeOf([inputs, units, 2], activation), groups * 16, rows, seed);
                Assert.True(PolicyHarness.HasFastPath(policy.Shape));
                PolicyPass fast = PolicyHarness.Run(policy, width);
                PolicyPass dense = PolicyHarness.Run(policy, width, KernelKind.Dense);
                Closeness.AssertClose(
                    Closeness.ToDouble([.. dense.Outputs.SelectMany(row => row)]), Closeness.ToDouble([.. fast.Outputs.SelectMany(row => row)]),
                    OutputTolerance, "outputs");
                Closeness.AssertClose(dense.Gradient, fast.Gradient, GradientTolerance, $"{policy.Shape} in {policy.Lanes} lanes");
            },
            iter: 300);

    [Fact]
    public void Gradient_ActivationsRecordedOrComputedAgain_HasTheSameBits() =>
        RandomCases(Gen.Int[0, 3], Gen.Int[2, 6]).Sample(
            (policy, width) =>
            {
                PolicyPass again = PolicyHarness.Run(policy, width, KernelKind.Dense);
                PolicyPass recorded = PolicyHarness.Run(policy, width, KernelKind.Recording);
                Bits.AssertEqual(again.Outputs, recorded.Outputs, "outputs");
                // Which of the two runs depends on the memory of the machine.
                Assert.Equal(again.Gradient, recorded.Gradient);
                Assert.Equal(PolicyHarness.Run(policy, width).Gradient, PolicyHarness.Run(policy, width, KernelKind.ChosenRecording).Gradient);
            },
            iter: 100);

    [Fact]
    public void HasFastPath_OneHiddenLayerWithBiasesAndTwoActions_Only()
    {
        Assert.True(PolicyHarness.HasFastPath(ShapeOf([4, 32, 2], Activation.Relu)));
        Assert.False(PolicyHarness.HasFastPath(ShapeOf([4, 32, 2], Activation.Relu, hasBias: false)));
        Assert.True(PolicyHarness.HasFastPath(ShapeOf([4, 32, 2], Activation.Tanh)));
        Assert.True(PolicyHarness.HasFastPath(ShapeOf([8, 5, 2], Activation.Tanh)));
        Assert.False(PolicyHarness.HasFastPath(ShapeOf([6, 32, 2], Activation.Tanh)));
        Assert.False(PolicyHarness.HasFastPath(ShapeOf([4, 32, 2], Activation.Tanh, hasBias: false)));
        Assert.False(PolicyHarness.HasFastPath(ShapeOf([4, 32, 3], Activation.Relu)));
        Assert.False(PolicyHarness.HasFastPath(ShapeOf([4, 32, 32, 2], Activation.Relu)));
        Assert.False(PolicyHarness.HasFastPath(ShapeOf([4, 2], Activation.Relu)));
    }

    [Fact]
    public void Gradient_ManyChunks_IsTheReference()
    {
        // More steps than are summed in single precision before a flush, all weights of one sign: where rounding would show.
        PolicyCase policy = PolicyCase.Random(ShapeOf([4, 8, 2], Activation.Relu), 70_000, seed: 3);
        policy = policy with { Weights = Array.ConvertAll(policy.Weights, weight => 50 + weight) };
        double[] expected = policy.ReferenceGradient();
        Closeness.AssertClose(expected, PolicyHarness.Run(policy).Gradient, GradientTolerance, "fast path");
        Closeness.AssertClose(expected, PolicyHarness.Run(policy, kind: KernelKind.Dense).Gradient, GradientTolerance, "dense");
        policy = PolicyCase.Random(ShapeOf([4, 8, 2], Activation.Tanh), 70_000, seed: 3) with { Weights = policy.Weights };
        Closeness.AssertClose(policy.ReferenceGradient(), PolicyHarness.Run(policy).Gradient, GradientTolerance, "fast path of tanh");
    }

    private static Gen<(PolicyCase, int)> RandomCases(Gen<int> depth, Gen<int> outputs) =>
        Gen.Select(
            Gen.Select(Gen.Int[1, 10], depth.SelectMany(layers => Gen.Int[1, 40].Array[layers]), outputs, Gen.Enum<Activation>(), Gen.Bool),
            Gen.Select(Gen.Int[1, 4], Gen.Int[1, 12], Widths.Any, Gen.ULong))
            .Select((network, batch) =>
            {
                NetworkShape shape = new(network.Item1, network.Item2, network.Item3, network.Item4, network.Item5);
                return (MaskedCase(shape, batch.Item1 * 16, batch.Item2, batch.Item4), batch.Item3);
            });

    /// <summary>A random policy in rows where random lanes are idle.</summary>
    private static PolicyCase MaskedCase(NetworkShape shape, int lanes, int rows, ulong seed)
    {
        Noise noise = new(seed);
        ulong[] live = new ulong[rows];
        for (int row = 0; row < rows; row++)
        {
            // Full rows, rows with whole groups of 16 missing, and rows with holes.
            ulong bits = noise.Word() | (ulong)noise.Word() << 32;
            live[row] = noise.Next(0, 4) switch { 0 => ulong.MaxValue, 1 => 0xFFFF, _ => bits };
            if (lanes < 64)
                live[row] &= (1UL << lanes) - 1;
        }

        live[0] |= 1;
        int steps = live.Sum(System.Numerics.BitOperations.PopCount);
        PolicyCase policy = PolicyCase.Random(shape, steps, seed + 1);
        // Near a kink, single and double precision may take different sides: move on to another network.
        for (ulong next = seed + 2; policy.IsNearKink(KinkMargin) && next < seed + 40; next++)
            policy = PolicyCase.Random(shape, steps, next);
        return policy with { Lanes = lanes, Live = live, EntropyCoefficient = noise.Next(0, 2) == 0 ? 0 : 0.2f };
    }

    private static NetworkShape ShapeOf(int[] sizes, Activation activation, bool hasBias = true) =>
        new(sizes[0], sizes.AsSpan(1..^1), sizes[^1], activation, hasBias);

    private static PolicyCase CaseOf(GoldenPolicyGradient golden, GoldenBatch batch) => new()
    {
        Shape = ShapeOf(golden.Sizes, golden.Activation == "relu" ? Activation.Relu : Activation.Tanh),
        Parameters = Closeness.ToSingle(golden.Parameters),
        Observations = [.. batch.Observations.Select(Closeness.ToSingle)],
        Actions = batch.Actions,
        Weights = Closeness.ToSingle(batch.Weights),
        Lanes = batch.Count <= 16 ? 16 : 64,
    };
}
