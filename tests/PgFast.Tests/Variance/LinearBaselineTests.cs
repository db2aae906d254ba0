using PgFast.Numerics;
using PgFast.Reference;
using PgFast.Tests.Support;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>Features and values of the linear baseline against plain double precision.</summary>
public unsafe class LinearBaselineTests
{
    // A sum of a dozen products in single precision, of a size up to that of the largest.
    private const double Tolerance = 3e-6;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 16)]
    [InlineData(4, 37)]
    [InlineData(7, 256)]
    public void Evaluate_AnyNumberOfSamples_IsTheSumOfFeaturesTimesCoefficients(int features, int count)
    {
        const int LastStep = 230;
        Noise noise = new((ulong)(features + count));
        LinearBaseline baseline = new(features);
        Assert.Equal(2 * features + 4, baseline.FeatureCount);
        double[] total = Closeness.ToDouble(noise.Array(baseline.FeatureCount, -1, 1));
        double[] toGo = Closeness.ToDouble(noise.Array(baseline.FeatureCount, -1, 1));
        baseline.Set(total, toGo, LastStep);
        int stride = (count + 31) / 16 * 16;
        // Some observations beyond the limit of ±10, some steps beyond those that were seen.
        using AlignedBuffer<float> observation = new(features * stride), step = new(stride), values = new(2 * stride);
        noise.Array(features * stride, -14, 14).CopyTo(observation.Span);
        for (int sample = 0; sample < count; sample++)
            step.Span[sample] = noise.Next(0, 500);
        baseline.Evaluate(observation.Pointer, stride, step.Pointer, count, values.Pointer, values.Pointer + stride);
        double[] own = new double[baseline.FeatureCount];
        for (int sample = 0; sample < count; sample++)
        {
            double[] seen = [.. Enumerable.Range(0, features).Select(k => (double)observation.Span[k * stride + sample])];
            double[] expected = ReferenceBaselines.Features(seen, (int)step.Span[sample], LastStep);
            baseline.Features(observation.Pointer + sample, stride, step.Span[sample], own);
            Closeness.AssertClose(expected, own, Tolerance, "features");
            double size = expected.Max(Math.Abs) * 4;
            Assert.Equal(expected.Zip(total, (x, c) => x * c).Sum(), values.Span[sample], Tolerance * size);
            Assert.Equal(expected.Zip(toGo, (x, c) => x * c).Sum(), values.Span[stride + sample], Tolerance * size);
        }
    }
}
