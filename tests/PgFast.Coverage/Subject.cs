using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Variance;

namespace PgFast.Coverage;

/// <summary>An environment and policy whose every variance is known, whatever constant is subtracted from the return.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Episodes">Episodes of one study.</param>
/// <param name="Create">Makes the study.</param>
/// <param name="GradientSquared">‖G‖².</param>
/// <param name="Optimal">By estimator: the constant of least variance, the trace that it leaves, and E‖s‖², with s what a baseline of 1 subtracts.</param>
/// <param name="LeaveOneOut">Trace at batch size 4 with the leave-one-out mean and the whole return.</param>
internal sealed record Subject(
    string Name, long Episodes, Func<VarianceOptions, VarianceStudy> Create, double GradientSquared,
    IReadOnlyDictionary<Estimator, (double Constant, double Trace, double Curvature)> Optimal, double LeaveOneOut)
{
    /// <summary>Batch size of the leave-one-out row.</summary>
    public const int BatchSize = 4;

    /// <summary>The softmax bandit with π = (0.2, 0.3, 0.5).</summary>
    public static Subject Bandit { get; } = new(
        "bandit", 4096,
        options => new VarianceStudy<SoftmaxBandit>(
            new NetworkShape(1, [], 3, Activation.Relu, hasBias: false), [MathF.Log(0.2f), MathF.Log(0.3f), MathF.Log(0.5f)], options),
        0.118 * 0.118 + 0.087 * 0.087 + 0.205 * 0.205,
        new Dictionary<Estimator, (double, double, double)>
        {
            [Estimator.Total] = (0.580322580645, 0.089681935484, 0.62),
            [Estimator.RewardToGo] = (0.580322580645, 0.089681935484, 0.62),
        },
        0.0441916667);

    /// <summary>The short corridor at p = ½, γ = 1.</summary>
    public static Subject Corridor { get; } = new(
        "corridor", 65_536,
        options => new VarianceStudy<ShortCorridor>(new NetworkShape(1, [], 2, Activation.Relu, hasBias: false), new float[2], options),
        8,
        new Dictionary<Estimator, (double, double, double)>
        {
            // Traces are twice the variances of a component; the curvature is that of the parabola through b = 0.
            [Estimator.Total] = (-65.0 / 3, 2 * 1652.0 / 3, 2 * (1959 - 1652.0 / 3) / (65.0 / 3 * 65.0 / 3)),
            [Estimator.RewardToGo] = (-37.0 / 3, 2 * 830.0 / 3, 2 * (733 - 830.0 / 3) / (37.0 / 3 * 37.0 / 3)),
        },
        // tr((R − J)z)/K + (Var R·E‖z‖² + ‖G‖²)/(K(K − 1)), with Var R = 92 and E‖Σz‖² the curvature above.
        2 * 831.0 / 4 + (92 * 2 * (1959 - 1652.0 / 3) / (65.0 / 3 * 65.0 / 3) + 8) / 12);

    /// <summary>The exact trace with a constant baseline: tr(b*) + (b − b*)²·E‖s‖².</summary>
    public double TraceOf(Estimator estimator, double constant)
    {
        (double best, double trace, double curvature) = Optimal[estimator];
        return trace + (constant - best) * (constant - best) * curvature;
    }
}
