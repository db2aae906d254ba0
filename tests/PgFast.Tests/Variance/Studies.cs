using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Tests.Support;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>Studies on policies that tests know everything about.</summary>
internal static class Studies
{
    /// <summary>The rules allow four standard errors; with some hundred comparisons one in a few thousand runs would miss it, but seeds are fixed.</summary>
    public const double StandardErrors = 4;

    /// <summary>The bandit's policy: preferences ln π, so that π = (0.2, 0.3, 0.5).</summary>
    public static VarianceStudy<SoftmaxBandit> Bandit(VarianceOptions options) => new(
        new NetworkShape(1, [], 3, Activation.Relu, hasBias: false), [MathF.Log(0.2f), MathF.Log(0.3f), MathF.Log(0.5f)], options);

    /// <summary>The corridor's policy of preferences θ for right and left; actions are numbered left, right.</summary>
    public static VarianceStudy<ShortCorridor> Corridor(double right, double left, VarianceOptions options) => new(
        new NetworkShape(1, [], 2, Activation.Relu, hasBias: false), [(float)left, (float)right], options);

    /// <summary>The corridor as its analyst sees it; θ = 0, right and left are equally likely.</summary>
    public static VarianceStudy<ObservedCorridor> ObservedCorridor(VarianceOptions options) => new(
        new NetworkShape(4, [], 2, Activation.Relu, hasBias: false), new float[8], options);

    /// <summary>CartPole with an untrained policy.</summary>
    public static VarianceStudy<CartPole> CartPole(VarianceOptions options, Activation activation = Activation.Relu, params int[] hidden)
    {
        NetworkShape shape = new(4, hidden.Length == 0 ? [32] : hidden, 2, activation);
        float[] parameters = new float[shape.ParameterCount];
        NetworkInitializer.Initialize(parameters, shape, Initialization.FanIn, 1, 1);
        return new VarianceStudy<CartPole>(shape, parameters, options);
    }

    public static VarianceRow Row(this VarianceReport report, Estimator estimator, Baseline baseline, int batchSize = 1) =>
        report.Rows.Single(row => row.Estimator == estimator && row.Baseline == baseline && row.BatchSize == batchSize);

    /// <summary>Checks a number against its true value by its interval, which is ± t standard errors at the level of the study.</summary>
    /// <param name="truth">The true value.</param>
    /// <param name="value">The estimate.</param>
    /// <param name="interval">Its interval at the level 0.6827, which is ± one standard error.</param>
    /// <param name="largestRelativeError">The standard error must be below this part of the value; null for any.</param>
    public static void IsWithinStandardErrors(double truth, double value, ConfidenceInterval interval, double? largestRelativeError = null)
    {
        Assert.True(interval.IsKnown);
        double error = (interval.High - interval.Low) / 2;
        Assert.True(
            Math.Abs(value - truth) <= StandardErrors * error, $"{value} is {Math.Abs(value - truth) / error:0.0} standard errors from {truth}");
        if (largestRelativeError is { } largest)
            Assert.True(error <= largest * Math.Abs(value), $"the standard error {error} of {value} is too large to say anything");
    }
}
