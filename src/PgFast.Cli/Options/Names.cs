using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Optimizers;
using PgFast.Policies;
using PgFast.Variance;

namespace PgFast.Cli.Options;

/// <summary>How the command line and files spell the choices.</summary>
internal static class Names
{
    public static readonly (string Name, Activation Value)[] Activations = [("relu", Activation.Relu), ("tanh", Activation.Tanh)];

    public static readonly (string Name, Estimator Value)[] Estimators =
        [("total", Estimator.Total), ("reward-to-go", Estimator.RewardToGo), ("discounted", Estimator.Discounted)];

    public static readonly (string Name, Baseline Value)[] Baselines =
        [("none", Baseline.None), ("mean", Baseline.Mean), ("time", Baseline.Time), ("value", Baseline.Value)];

    /// <summary>With those that only a variance study has, fitted on a pilot sample.</summary>
    public static readonly (string Name, Baseline Value)[] StudyBaselines =
    [
        .. Baselines[..3], ("optimal", Baseline.Optimal), ("optimal-per-parameter", Baseline.OptimalPerParameter), ("linear", Baseline.Linear),
        Baselines[3],
    ];

    public static readonly (string Name, BaselineSource Value)[] BaselineSources =
        [("none", BaselineSource.None), ("batch", BaselineSource.Batch), ("pilot", BaselineSource.Pilot), ("training", BaselineSource.Training)];

    /// <summary>Those that a network may be from.</summary>
    public static readonly (string Name, BaselineSource Value)[] ValueSources = BaselineSources[2..];

    public static readonly (string Name, StandardDeviationSource Value)[] StandardDeviations =
        [("free", StandardDeviationSource.Free), ("head", StandardDeviationSource.StateDependent)];

    public static readonly (string Name, OptimizerKind Value)[] Optimizers = [("adam", OptimizerKind.Adam), ("sgd", OptimizerKind.Sgd)];

    public static readonly (string Name, Initialization Value)[] Initializations =
        [("fan-in", Initialization.FanIn), ("glorot", Initialization.Glorot), ("zero", Initialization.Zero)];

    public static readonly (string Name, ExportFormat Value)[] ExportFormats =
        [("onnx", ExportFormat.Onnx), ("c", ExportFormat.C), ("safetensors", ExportFormat.SafeTensors)];

    public static readonly (string Name, OnOff Value)[] Switches = [("on", OnOff.On), ("off", OnOff.Off)];
}

/// <summary>A switch that is spelt out. Not bool, whose options the parser gives no other value than true and false.</summary>
internal enum OnOff
{
    Off = 0,
    On = 1,
}
