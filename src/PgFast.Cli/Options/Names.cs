using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Optimizers;

namespace PgFast.Cli.Options;

/// <summary>How the command line and files spell the choices.</summary>
internal static class Names
{
    public static readonly (string Name, Activation Value)[] Activations = [("relu", Activation.Relu), ("tanh", Activation.Tanh)];

    public static readonly (string Name, Estimator Value)[] Estimators =
        [("total", Estimator.Total), ("reward-to-go", Estimator.RewardToGo), ("discounted", Estimator.Discounted)];

    public static readonly (string Name, Baseline Value)[] Baselines =
        [("none", Baseline.None), ("mean", Baseline.Mean), ("time", Baseline.Time)];

    public static readonly (string Name, OptimizerKind Value)[] Optimizers = [("adam", OptimizerKind.Adam), ("sgd", OptimizerKind.Sgd)];

    public static readonly (string Name, Initialization Value)[] Initializations =
        [("fan-in", Initialization.FanIn), ("glorot", Initialization.Glorot), ("zero", Initialization.Zero)];

    public static readonly (string Name, bool Value)[] Switch = [("on", true), ("off", false)];
}
