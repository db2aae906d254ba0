using CsCheck;
using PgFast.Policies;
using PgFast.Randomness;
using PgFast.Reference;
using PgFast.Tests.Support;

namespace PgFast.Tests.Policies;

/// <summary>Both softmax heads against the double reference, on ordinary and on extreme logits, at every lane width.</summary>
public class SoftmaxHeadTests
{
    // A few last bits of exp, log and the sums between them; log-probabilities of −150 have 150 times the last bit.
    private const double LogProbabilityTolerance = 1e-6;

    // Probabilities and scores are at most 1 in size; a sum of 17 exponentials and a quotient.
    private const double ScoreTolerance = 2e-6;

    // The two-action head loses nothing to cancellation: a few last bits of exp, whatever the size of the result.
    private const double TwoActionRelativeTolerance = 2e-6;

    // Below this single precision cannot go without losing bits; what is true is then exp(−87) or less.
    private const double Underflow = 1e-35;

    // A uniform number and a probability are rounded to single precision: closer than this, either action is right.
    private const double BorderlineDraw = 3e-7;

    private static readonly float[] ExtremeDifferences =
        [0, -0f, 1e-30f, -1e-30f, 1, -1, 17, -17, 80, -80, 86.9f, -86.9f, 87.1f, -87.1f, 150, -150, 1e4f, -1e4f, 1e30f, -1e30f, 3e38f, -3e38f];

    public static TheoryData<int> ActionCounts => [2, 3, 5, 17];

    [Theory]
    [MemberData(nameof(ActionCounts))]
    public void Evaluate_AnyLogits_IsTheReference(int actions)
    {
        (float[][] outputs, int[] chosen) = Samples(actions);
        (float[] logProbability, float[] entropy) = HeadHarness.Evaluate(16, actions, outputs, chosen);
        for (int i = 0; i < outputs.Length; i++)
        {
            double[] logits = Logits(outputs[i]);
            double expected = ReferenceSoftmax.LogProbabilities(logits)[chosen[i]];
            AssertWithin(expected, logProbability[i], LogProbabilityTolerance * Math.Max(1, Math.Abs(expected)), $"log π of sample {i}");
            AssertWithin(ReferenceSoftmax.Entropy(logits), entropy[i], ScoreTolerance * Math.Log(actions), $"entropy of sample {i}");
        }
    }

    [Theory]
    [MemberData(nameof(ActionCounts))]
    public void Mode_AnyLogits_IsTheFirstOfTheLargest(int actions)
    {
        (float[][] outputs, _) = Samples(actions);
        // Equal logits too: all, and the last two.
        float[] last = new float[outputs[0].Length];
        last[^1] = 3;
        if (last.Length > 2)
            last[^2] = 3;
        outputs = [.. outputs, new float[outputs[0].Length], last];
        foreach (int width in (int[])[1, 4, 8, 16])
        {
            int[] modes = HeadHarness.Mode(width, actions, outputs);
            for (int i = 0; i < outputs.Length; i++)
            {
                double[] logits = Logits(outputs[i]);
                Assert.Equal(Array.IndexOf(logits, logits.Max()), modes[i]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(ActionCounts))]
    public void Score_WeightAlone_IsTheReferenceScore(int actions)
    {
        (float[][] outputs, int[] chosen) = Samples(actions);
        float[] weights = new Noise(5).Array(outputs.Length, -2, 2);
        float[][] gradients = HeadHarness.Score(16, actions, outputs, chosen, weights, new ScoreScale(0.5f, 0.25f, 0));
        for (int i = 0; i < outputs.Length; i++)
        {
            double weight = weights[i] * 0.5 + 0.25;
            double[] expected = [.. ReferenceSoftmax.LogProbabilityGradient(Logits(outputs[i]), chosen[i]).Select(score => weight * score)];
            AssertGradient(expected, gradients[i], Math.Abs(weight), $"score of sample {i}");
        }
    }

    [Theory]
    [MemberData(nameof(ActionCounts))]
    public void Score_EntropyAlone_IsTheReferenceEntropyGradient(int actions)
    {
        const float Coefficient = 0.5f;
        (float[][] outputs, int[] chosen) = Samples(actions);
        float[][] gradients = HeadHarness.Score(16, actions, outputs, chosen, new float[outputs.Length], new ScoreScale(1, 0, Coefficient));
        for (int i = 0; i < outputs.Length; i++)
        {
            double[] expected = [.. ReferenceSoftmax.EntropyGradient(Logits(outputs[i])).Select(value => Coefficient * value)];
            AssertGradient(expected, gradients[i], Math.Log(actions), $"entropy gradient of sample {i}");
        }
    }

    [Theory]
    [MemberData(nameof(ActionCounts))]
    public void Score_WeightAndEntropy_IsTheSumOfBoth(int actions)
    {
        (float[][] outputs, int[] chosen) = Samples(actions);
        float[] weights = new Noise(6).Array(outputs.Length, -2, 2);
        float[][] both = HeadHarness.Score(16, actions, outputs, chosen, weights, new ScoreScale(1, 0, 0.5f));
        float[][] score = HeadHarness.Score(16, actions, outputs, chosen, weights, new ScoreScale(1, 0, 0));
        float[][] entropy = HeadHarness.Score(16, actions, outputs, chosen, new float[outputs.Length], new ScoreScale(1, 0, 0.5f));
        for (int i = 0; i < outputs.Length; i++)
        {
            for (int k = 0; k < both[i].Length; k++)
                AssertWithin((double)score[i][k] + entropy[i][k], both[i][k], ScoreTolerance, $"sample {i}, output {k}");
        }
    }

    [Fact]
    public void Evaluate_TwoActionsExtremeDifferences_IsAccurateOrUnderflows()
    {
        foreach (float z in ExtremeDifferences)
        {
            (float[] logProbability, float[] entropy) = HeadHarness.Evaluate(16, 2, [[z], [z]], [0, 1]);
            double[] expected = ReferenceSoftmax.LogProbabilities([0, z]);
            for (int action = 0; action < 2; action++)
                AssertWithin(expected[action], logProbability[action], LogProbabilityTolerance * Math.Max(1, Math.Abs(expected[action])), $"log π({action}), z = {z}");
            AssertWithin(ReferenceSoftmax.Entropy([0, z]), entropy[0], ScoreTolerance, $"entropy, z = {z}");
        }
    }

    [Fact]
    public void Score_TwoActionsExtremeDifferences_KeepsRelativeAccuracy()
    {
        foreach (float z in ExtremeDifferences)
        {
            float[][] score = HeadHarness.Score(16, 2, [[z], [z]], [0, 1], [1, 1], new ScoreScale(1, 0, 0));
            // ∂ log π(0)/∂z = −π(1), ∂ log π(1)/∂z = π(0).
            double right = 1 / (1 + Math.Exp(-(double)z)), left = 1 / (1 + Math.Exp(z));
            AssertWithin(-right, score[0][0], TwoActionRelativeTolerance * right + Underflow, $"score of action 0, z = {z}");
            AssertWithin(left, score[1][0], TwoActionRelativeTolerance * left + Underflow, $"score of action 1, z = {z}");
            float[][] entropy = HeadHarness.Score(16, 2, [[z]], [0], [0], new ScoreScale(1, 0, 1));
            double expected = z == 0 ? 0 : -z * left * right;
            AssertWithin(expected, entropy[0][0], TwoActionRelativeTolerance * Math.Abs(expected) + Underflow, $"entropy gradient, z = {z}");
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(17)]
    public void AllResults_ExtremeLogits_AreFiniteAndRight(int actions)
    {
        float[][] outputs = ExtremeLogits(actions);
        for (int action = 0; action < actions; action++)
        {
            int[] chosen = [.. outputs.Select(_ => action)];
            (float[] logProbability, float[] entropy) = HeadHarness.Evaluate(16, actions, outputs, chosen);
            float[][] score = HeadHarness.Score(16, actions, outputs, chosen, [.. outputs.Select(_ => 1f)], new ScoreScale(1, 0, 0.5f));
            for (int i = 0; i < outputs.Length; i++)
            {
                double[] logits = Logits(outputs[i]);
                double expected = ReferenceSoftmax.LogProbabilities(logits)[action];
                // Logits further apart than single precision reaches give the lowest log-probability that stays finite.
                if (expected > -1e29)
                    AssertWithin(expected, logProbability[i], LogProbabilityTolerance * Math.Max(1, Math.Abs(expected)), $"log π({action}) of row {i}");
                else
                    Assert.True(logProbability[i] <= -1e29f && float.IsFinite(logProbability[i]), $"log π({action}) of row {i} is {logProbability[i]}");
                AssertWithin(ReferenceSoftmax.Entropy(logits), entropy[i], ScoreTolerance * Math.Log(actions), $"entropy of row {i}");
                double[] scores = ReferenceSoftmax.LogProbabilityGradient(logits, action);
                double[] entropies = ReferenceSoftmax.EntropyGradient(logits);
                for (int k = 0; k < actions; k++)
                    AssertWithin(scores[k] + 0.5 * entropies[k], score[i][k], ScoreTolerance * Math.Log(actions), $"gradient {k} of row {i}, action {action}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(ActionCounts))]
    public void AllResults_AtEveryWidth_HaveTheSameBits(int actions)
    {
        (float[][] outputs, int[] chosen) = Samples(actions);
        outputs = [.. outputs, .. actions == 2 ? ExtremeDifferences.Select(z => new[] { z }) : ExtremeLogits(actions)];
        chosen = [.. outputs.Select((_, i) => i < chosen.Length ? chosen[i] : i % actions)];
        Noise noise = new(8);
        float[] weights = noise.Array(outputs.Length, -2, 2);
        uint[] words = [.. outputs.Select(_ => noise.Word())];
        ScoreScale scale = new(0.7f, -0.1f, 0.01f);
        (float[] logProbability, float[] entropy) = HeadHarness.Evaluate(16, actions, outputs, chosen);
        float[][] score = HeadHarness.Score(16, actions, outputs, chosen, weights, scale);
        int[] drawn = HeadHarness.Sample(16, actions, outputs, words);
        foreach (int width in Widths.All)
        {
            (float[] otherLogProbability, float[] otherEntropy) = HeadHarness.Evaluate(width, actions, outputs, chosen);
            Bits.AssertEqual(logProbability, otherLogProbability, $"log π at {width} lanes");
            Bits.AssertEqual(entropy, otherEntropy, $"entropy at {width} lanes");
            Bits.AssertEqual(score, HeadHarness.Score(width, actions, outputs, chosen, weights, scale), $"score at {width} lanes");
            Assert.Equal(drawn, HeadHarness.Sample(width, actions, outputs, words));
        }
    }

    [Theory]
    [MemberData(nameof(ActionCounts))]
    public void Sample_AnyWord_DrawsTheReferenceAction(int actions)
    {
        (float[][] outputs, _) = Samples(actions);
        Noise noise = new(9);
        uint[] words = [.. outputs.Select(_ => noise.Word())];
        int[] drawn = HeadHarness.Sample(16, actions, outputs, words);
        for (int i = 0; i < outputs.Length; i++)
        {
            double uniform = Philox.Uniform(words[i]);
            double[] logits = Logits(outputs[i]);
            if (drawn[i] == ReferenceSoftmax.Sample(logits, uniform))
                continue;
            bool borderline = new[] { -BorderlineDraw, BorderlineDraw }
                .Any(shift => ReferenceSoftmax.Sample(logits, Math.Clamp(uniform + shift, 1e-12, 1 - 1e-12)) == drawn[i]);
            Assert.True(borderline, $"sample {i} drew {drawn[i]} with {uniform}");
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Sample_SmallestAndLargestWord_DrawsAnActionOfPositiveProbability(int actions)
    {
        float[][] outputs = actions == 2 ? [[0], [60], [-60], [0], [60], [-60]] : [.. Enumerable.Repeat<float[]>([0, -1e4f, 0, -150, -1e4f], 2)];
        int half = outputs.Length / 2;
        uint[] words = [.. outputs.Select((_, i) => i < half ? 0u : uint.MaxValue)];
        int[] drawn = HeadHarness.Sample(16, actions, outputs, words);
        int[] expected = actions == 2 ? [1, 1, 0, 0, 1, 0] : [0, 2];
        if (actions == 2)
            Assert.Equal(expected, drawn);
        else
            Assert.All(drawn, action => Assert.Contains(action, expected));
    }

    [Fact]
    public void Evaluate_RandomLogits_IsTheReference() =>
        Gen.Select(Gen.Int[3, 40], Gen.Float[0.01f, 200f], Gen.ULong).Sample(
            (actions, size, seed) =>
            {
                Noise noise = new(seed);
                float[][] outputs = noise.Rows(20, actions, -size, size);
                int[] chosen = [.. outputs.Select(_ => noise.Next(0, actions))];
                (float[] logProbability, float[] entropy) = HeadHarness.Evaluate(16, actions, outputs, chosen);
                for (int i = 0; i < outputs.Length; i++)
                {
                    double[] logits = Logits(outputs[i]);
                    double expected = ReferenceSoftmax.LogProbabilities(logits)[chosen[i]];
                    AssertWithin(expected, logProbability[i], LogProbabilityTolerance * Math.Max(1, Math.Abs(expected)), "log π");
                    AssertWithin(ReferenceSoftmax.Entropy(logits), entropy[i], ScoreTolerance * Math.Log(actions), "entropy");
                }
            },
            iter: 200);

    private static double[] Logits(float[] outputs) => outputs.Length == 1 ? [0, outputs[0]] : Closeness.ToDouble(outputs);

    /// <summary>Ordinary logits in sizes from nearly uniform to nearly certain.</summary>
    private static (float[][] Outputs, int[] Chosen) Samples(int actions)
    {
        Noise noise = new((ulong)actions);
        float[][] outputs = [.. new[] { 0.01f, 1f, 5f, 30f, 75f }.SelectMany(size => noise.Rows(200, actions == 2 ? 1 : actions, -size, size))];
        return (outputs, [.. outputs.Select(_ => noise.Next(0, actions))]);
    }

    private static float[][] ExtremeLogits(int actions)
    {
        float[][] rows = new float[8][];
        for (int row = 0; row < rows.Length; row++)
            rows[row] = new float[actions];
        Array.Fill(rows[1], 150);
        Array.Fill(rows[2], -1e4f);
        Array.Fill(rows[3], 3e38f);
        (rows[4][0], rows[4][1]) = (150, -150);
        (rows[5][0], rows[5][1], rows[5][2]) = (1e4f, -1e4f, 1e4f);
        rows[6][^1] = 1e30f;
        (rows[7][0], rows[7][1]) = (-3e38f, 3e38f);
        return rows;
    }

    private static void AssertGradient(double[] expected, float[] actual, double size, string what)
    {
        // The merged output of two actions is z₁ − z₀: its derivative is that of output 1.
        double[] wanted = actual.Length == 1 ? [expected[1]] : expected;
        for (int k = 0; k < wanted.Length; k++)
            AssertWithin(wanted[k], actual[k], ScoreTolerance * Math.Max(size, 1e-3), $"{what}, output {k}");
    }

    private static void AssertWithin(double expected, double actual, double tolerance, string what)
    {
        if (!(Math.Abs(actual - expected) <= tolerance))
            Assert.Fail($"{what}: {actual:R}, {expected:R} ± {tolerance:E1} was expected.");
    }
}
