using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;

namespace PgFast.Variance;

/// <summary>The V of a study, in units of reward: a network for G_0 and one for G_t, each where a row asks for it. Shared by all workers.</summary>
/// <remarks>What training learned is taken for the return that it was learned for; the other is fitted on the pilot sample, as both are without it.</remarks>
internal sealed class ValueNetworks : IDisposable
{
    /// <summary>Units of a fitted network's hidden layer, as training has them by default.</summary>
    private const int HiddenUnits = 32;

    /// <param name="specification">The environment, as the policy sees it.</param>
    /// <param name="plan">What rows there are.</param>
    /// <param name="learned">V of training, or null.</param>
    public ValueNetworks(EnvironmentSpecification specification, StudyPlan plan, ValueFunction? learned)
    {
        ObservationSize = specification.ObservationSize;
        StepUnit = 1f / specification.MaximumEpisodeSteps;
        foreach (Estimator estimator in plan.Rows.Where(row => row.Baseline == Baseline.Value).Select(row => row.Estimator).Distinct())
        {
            if (estimator == Estimator.Total)
                Total = Create(estimator, learned);
            else
                ToGo ??= Create(estimator, learned);
        }

        Learned = learned;
    }

    /// <summary>Features that the policy observes.</summary>
    public int ObservationSize { get; }

    /// <summary>1/T.</summary>
    public float StepUnit { get; }

    /// <summary>V of training, or null.</summary>
    public ValueFunction? Learned { get; }

    /// <summary>V of G_0; null where no row asks for it.</summary>
    public NetworkParameters? Total { get; private set; }

    /// <summary>V of G_t; null where no row asks for it.</summary>
    public NetworkParameters? ToGo { get; private set; }

    /// <summary>Whether there is any.</summary>
    public bool IsUsed => Total is not null || ToGo is not null;

    /// <summary>The network for G_0 if it is to be fitted.</summary>
    public NetworkParameters? TotalToFit => Learned?.Predicts(Estimator.Total) == true ? null : Total;

    /// <summary>The network for G_t if it is to be fitted.</summary>
    public NetworkParameters? ToGoToFit => Learned?.Predicts(Estimator.RewardToGo) == true ? null : ToGo;

    /// <summary>Whether any is to be fitted.</summary>
    public bool IsFitted => TotalToFit is not null || ToGoToFit is not null;

    public void Dispose()
    {
        Total?.Dispose();
        ToGo?.Dispose();
    }

    private NetworkParameters Create(Estimator estimator, ValueFunction? learned)
    {
        if (learned?.Predicts(estimator) != true)
            return new NetworkParameters(new NetworkShape(ObservationSize + 1, [HiddenUnits], 1, Activation.Tanh), mergeOutputs: false);
        NetworkParameters parameters = new(learned.Shape, mergeOutputs: false);
        learned.Parameters.CopyTo(parameters.Flat);
        parameters.Refresh();
        return parameters;
    }
}
