using System.Globalization;
using System.Text.RegularExpressions;
using PgFast.Export;
using PgFast.Files;
using PgFast.Networks;
using PgFast.Policies;
using PgFast.Randomness;
using PgFast.Tests.Support;
using PgFast.Training;

namespace PgFast.Tests.Export;

/// <summary>A compiled header computes what <see cref="Policy"/> does, and its numbers are the policy's to the last bit.</summary>
public partial class CHeaderTests
{
    [TheoryWithCompiler]
    [MemberData(nameof(ExportCase.SoftmaxNames), MemberType = typeof(ExportCase))]
    public void Softmax_Compiled_GivesTheSameProbabilitiesAndActions(string name)
    {
        ExportCase item = ExportCase.Find(name);
        PolicyFile file = item.Policy();
        using Policy policy = file.CreatePolicy();
        using CProgram program = new(file);
        float[][] observations = item.Observations();
        Noise noise = new(99);
        uint[] words = [.. observations.Select(_ => noise.Word())];
        float[][] results = program.Run([.. observations.Zip(words, (row, word) => (float[])[.. row, Philox.Uniform(word)])]);
        Assert.Equal(observations.Length, results.Length);
        for (int row = 0; row < results.Length; row++)
        {
            string what = $"{name}, ({string.Join(", ", observations[row])})";
            Agreement.AssertProbabilities(policy, observations[row], results[row].AsSpan(0, policy.ActionCount), what);
            Agreement.AssertMostProbable(policy, observations[row], (long)results[row][policy.ActionCount], what);
            Assert.Equal(policy.Sample(observations[row], words[row]), results[row][policy.ActionCount + 1]);
        }
    }

    [TheoryWithCompiler]
    [MemberData(nameof(ExportCase.GaussianNames), MemberType = typeof(ExportCase))]
    public void Gaussian_Compiled_GivesTheSameMomentsAndActions(string name)
    {
        ExportCase item = ExportCase.Find(name);
        PolicyFile file = item.Policy();
        using Policy policy = file.CreatePolicy();
        using CProgram program = new(file);
        int dimension = policy.ActionCount;
        float[][] observations = item.Observations();
        Noise noise = new(99);
        uint[][] words = [.. observations.Select(_ => Enumerable.Range(0, dimension).Select(_ => noise.Word()).ToArray())];
        float[][] results = program.Run([.. observations.Zip(words, (row, draws) => (float[])[.. row, .. draws.Select(StandardNormal.FromWord)])]);
        Assert.Equal(observations.Length, results.Length);
        float[] sample = new float[dimension];
        for (int row = 0; row < results.Length; row++)
        {
            string what = $"{name}, ({string.Join(", ", observations[row])})";
            float[] mean = results[row][..dimension], deviation = results[row][dimension..(2 * dimension)];
            Agreement.AssertMoments(policy, observations[row], mean, deviation, what);
            Assert.Equal(mean, results[row][(2 * dimension)..(3 * dimension)]);
            policy.Sample(observations[row], words[row], sample);
            for (int d = 0; d < dimension; d++)
                AssertSample(sample[d], results[row][3 * dimension + d], mean[d], deviation[d], StandardNormal.FromWord(words[row][d]), what);
        }
    }

    [TheoryWithCppCompiler]
    [MemberData(nameof(ExportCase.Names), MemberType = typeof(ExportCase))]
    public void Header_AsCpp_CompilesWithoutWarnings(string name)
    {
        using CProgram program = new(ExportCase.Find(name).Policy());
        CCompiler.CheckCpp(program.Source);
    }

    [TheoryWithCompiler]
    [InlineData("cart*/ int pole; /*")]
    [InlineData("line\nend\\")]
    [InlineData("tri??/graph, größe")]
    public void Header_OddEnvironmentAndNumbers_CompilesAndReadsBackExactly(string environment)
    {
        float[] odd = [float.Epsilon, float.MaxValue, -float.MaxValue, -0f, 1e-40f, 0.1f, 16777216f, -1, 1f / 3, 1.17549435e-38f, 1e10f, 123456.789f];
        PolicyFile policy = new(new NetworkShape(3, [], 3, Activation.Relu), odd) { Environment = environment };
        using CProgram program = new(policy);
        // Weights times these observations give back one column of weights each, plus the bias.
        float[][] results = program.Run([[0, 0, 0, 0.5f]]);
        float[] expected = [0, 1, 0];
        Assert.Equal(expected, results[0][..3]);
        Assert.Equal(odd[..9].Select(BitConverter.SingleToUInt32Bits), NumbersOf("weight_0", CHeader.ToText(policy, "x")).Select(BitConverter.SingleToUInt32Bits));
    }

    [TheoryWithCompiler]
    [InlineData(2)]
    [InlineData(1)]
    public void Header_ParametersThatOverflow_CompilesAndIsInfiniteAsThePolicyIs(int dimension)
    {
        NetworkShape shape = ActionDistribution.Gaussian(dimension).CreateShape(1, [], Activation.Relu);
        float[] parameters = new float[shape.ParameterCount];
        parameters.AsSpan(shape.FreeOutputOffset).Fill(100);
        PolicyFile file = new(shape, parameters) { Distribution = ActionDistribution.Gaussian(dimension) };
        using Policy policy = file.CreatePolicy();
        float[] mean = new float[dimension], deviation = new float[dimension];
        policy.Moments([1], mean, deviation);
        using CProgram program = new(file);
        Assert.Equal(deviation, program.Run([[1, .. mean]])[0][dimension..(2 * dimension)]);
        Assert.Contains("INFINITY", CHeader.ToText(file, "p"), StringComparison.Ordinal);
    }

    [Fact]
    public void ToText_Numbers_AreThePolicysToTheLastBit()
    {
        PolicyFile policy = ExportCase.Find("three actions, two relu layers, scaled").Policy();
        string text = CHeader.ToText(policy, "p");
        List<float> numbers = [];
        for (int layer = 0; layer < policy.Shape.LayerCount; layer++)
            numbers.AddRange([.. NumbersOf($"weight_{layer}", text), .. NumbersOf($"bias_{layer}", text)]);
        Assert.Equal(Trainer.ParameterHashOf(policy.Parameters), Trainer.ParameterHashOf([.. numbers]));
        Assert.Equal(policy.ObservationScaling!.Mean.ToArray(), NumbersOf("observation_mean", text));
        Assert.Equal(policy.ObservationScaling.Deviation.ToArray(), NumbersOf("observation_deviation", text));
    }

    [Fact]
    public void ToText_Header_SaysWhereItComesFromAndIsAscii()
    {
        PolicyFile policy = ExportCase.Find("three actions").Policy();
        string text = CHeader.ToText(policy, "Acrobot7");
        Assert.Contains("Environment: made-up", text, StringComparison.Ordinal);
        Assert.Contains(Trainer.ParameterHashOf(policy.Parameters), text, StringComparison.Ordinal);
        Assert.Contains("#define ACROBOT7_OBSERVATION_SIZE 6\n#define ACROBOT7_ACTION_COUNT 3\n", text, StringComparison.Ordinal);
        Assert.Contains("static inline int Acrobot7_action(const float *observation)", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', text);
        Assert.True(text.All(char.IsAscii));
        Assert.Equal(-1, text.AsSpan().IndexOfAny('@', '$'));
    }

    [Theory]
    [InlineData("cartpole", true)]
    [InlineData("Cart_Pole_2", true)]
    [InlineData("int", true)]
    [InlineData("", false)]
    [InlineData("7up", false)]
    [InlineData("_x", false)]
    [InlineData("cart-pole", false)]
    [InlineData("größe", false)]
    [InlineData("a b", false)]
    [InlineData("a23456789012345678901234567890123456789012", false)]
    public void ToText_Name_MustBeginIdentifiers(string name, bool isName)
    {
        PolicyFile policy = ExportCase.Find("two actions").Policy();
        Assert.Equal(isName, CHeader.IsName(name));
        if (isName)
            Assert.Contains($"{name}_probabilities", CHeader.ToText(policy, name), StringComparison.Ordinal);
        else
            Assert.Throws<ArgumentException>(() => CHeader.ToText(policy, name));
    }

    [Theory]
    [InlineData("seed-7", "seed_7")]
    [InlineData("cartpole", "cartpole")]
    [InlineData("7up", "policy_7up")]
    [InlineData("_x", "policy_x")]
    [InlineData("größe", "gr__e")]
    [InlineData("", "policy")]
    [InlineData("--", "policy")]
    public void NameFrom_AnyText_IsAName(string text, string expected)
    {
        Assert.Equal(expected, CHeader.NameFrom(text));
        Assert.True(CHeader.IsName(CHeader.NameFrom(text)));
        Assert.True(CHeader.IsName(CHeader.NameFrom(new string('9', 100) + text)));
    }

    /// <summary>The draw is a sum: its error is that of its parts, also where they cancel.</summary>
    private static void AssertSample(float expected, float actual, float mean, float deviation, float normal, string what)
    {
        if (!float.IsFinite(deviation))
            return;
        double size = Math.Max(1, Math.Abs(mean) + (double)deviation * Math.Abs(normal) * Math.Max(1, Math.Log(deviation)));
        Assert.True(Math.Abs((double)expected - actual) <= Agreement.Tolerance * size, $"{what}: sample {actual:R}, expected {expected:R}");
    }

    private static float[] NumbersOf(string array, string text)
    {
        Match match = Regex.Match(text, $@"\w+_{array}\[\d+\] = \{{([^}}]*)\}};");
        Assert.True(match.Success, $"{array} is missing");
        return [.. Literal().Matches(match.Groups[1].Value).Select(number => float.Parse(number.Groups[1].Value, CultureInfo.InvariantCulture))];
    }

    [GeneratedRegex(@"(-?\d[^f,]*)f,")]
    private static partial Regex Literal();
}
