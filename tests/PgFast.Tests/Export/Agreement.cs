using PgFast.Policies;

namespace PgFast.Tests.Export;

/// <summary>Compares what another program makes of a policy with <see cref="Policy"/> itself.</summary>
internal static class Agreement
{
    /// <summary>Absolute, and relative where a value is above 1: some hundred roundings, as sums are done in another order.</summary>
    public const float Tolerance = 1e-5f;

    /// <summary>Single precision overflows above: whether a program then gives infinity or its largest number is its own affair.</summary>
    private const float Huge = 1e38f;

    public static void AssertProbabilities(Policy policy, float[] observation, ReadOnlySpan<float> actual, string what)
    {
        float[] expected = new float[policy.ActionCount];
        policy.Probabilities(observation, expected);
        AssertClose(expected, actual, $"{what}: probabilities");
    }

    /// <summary>The action must be one that no other beats by more than rounding.</summary>
    public static void AssertMostProbable(Policy policy, float[] observation, long action, string what)
    {
        float[] probabilities = new float[policy.ActionCount];
        policy.Probabilities(observation, probabilities);
        Assert.InRange(action, 0, policy.ActionCount - 1);
        int best = policy.MostProbableAction(observation);
        Assert.True(probabilities[action] >= probabilities[best] - Tolerance, $"{what}: action {action}, expected {best}");
    }

    public static void AssertMoments(Policy policy, float[] observation, ReadOnlySpan<float> mean, ReadOnlySpan<float> deviation, string what)
    {
        float[] expectedMean = new float[policy.ActionCount], expectedDeviation = new float[policy.ActionCount];
        policy.Moments(observation, expectedMean, expectedDeviation);
        AssertClose(expectedMean, mean, $"{what}: mean");
        AssertClose(expectedDeviation, deviation, $"{what}: standard deviation", isExponential: true);
    }

    /// <param name="expected">What the engine gives.</param>
    /// <param name="actual">What the other program gives.</param>
    /// <param name="what">Begins the message of a failure.</param>
    /// <param name="isExponential">Values are e to the power of something: its relative error is their error relative to its size.</param>
    public static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what, bool isExponential = false)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            double size = Math.Max(1, Math.Abs(expected[i]));
            if (isExponential)
                size *= Math.Max(1, Math.Log(size));
            bool isClose = expected[i] > Huge ? actual[i] > Huge : Math.Abs((double)actual[i] - expected[i]) <= Tolerance * size;
            Assert.True(isClose, $"{what}: [{i}] is {actual[i]:R}, expected {expected[i]:R}");
        }
    }
}
