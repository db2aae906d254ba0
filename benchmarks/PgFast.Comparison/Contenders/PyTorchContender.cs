using System.Text.Json;

namespace PgFast.Comparison.Contenders;

/// <summary>One of the PyTorch scripts. Every run is a process of its own; start and imports are not counted, but kept.</summary>
internal sealed class PyTorchContender(PyTorch pyTorch, string variant, string name, string description)
    : Contender($"pytorch-{variant}", name, description, seedsARound: 1, trainedUpdates: 10)
{
    private readonly List<double> _importSeconds = [];

    /// <summary>Seconds that the imports took, run by run.</summary>
    public IReadOnlyList<double> ImportSeconds => _importSeconds;

    /// <summary>Nothing: a process warms itself up, with some updates of another run.</summary>
    public override void WarmUp()
    {
    }

    /// <inheritdoc/>
    public override MeasuredRun Measure(ulong seed)
    {
        using JsonDocument document = pyTorch.Measure(variant, seed, TrainedUpdates);
        JsonElement root = document.RootElement;
        _importSeconds.Add(root.GetProperty("importSeconds").GetDouble());
        return new MeasuredRun(
            seed, root.GetProperty("solved").GetBoolean(), root.GetProperty("evaluatedReturn").GetDouble(), StageOf(root.GetProperty("solving")),
            StageOf(root.GetProperty("trained")));
    }

    private static Stage StageOf(JsonElement stage) => new(
        stage.GetProperty("updates").GetInt64(), stage.GetProperty("environmentSteps").GetInt64(), stage.GetProperty("seconds").GetDouble(),
        stage.GetProperty("processorSeconds").GetDouble(), AllocatedBytes: null);
}
