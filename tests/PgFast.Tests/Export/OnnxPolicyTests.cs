using Microsoft.ML.OnnxRuntime;
using PgFast.Environments;
using PgFast.Export;
using PgFast.Files;
using PgFast.Measurement;
using PgFast.Networks;
using PgFast.Policies;
using PgFast.Training;

namespace PgFast.Tests.Export;

/// <summary>ONNX Runtime computes what <see cref="Policy"/> does.</summary>
public class OnnxPolicyTests
{
    private static readonly int[] BatchSizes = [1, 7, 64];

    [Theory]
    [MemberData(nameof(ExportCase.SoftmaxNames), MemberType = typeof(ExportCase))]
    public void Softmax_RunElsewhere_GivesTheSameProbabilitiesAndAction(string name)
    {
        ExportCase item = ExportCase.Find(name);
        PolicyFile file = item.Policy();
        using Policy policy = file.CreatePolicy();
        using OnnxModel model = new(OnnxPolicy.ToArray(file));
        float[][] observations = item.Observations();
        int actions = policy.ActionCount;
        foreach (int size in BatchSizes)
        {
            foreach (float[][] batch in observations.Chunk(size))
            {
                Dictionary<string, float[]> outputs = model.Run(batch, out long[] action);
                Assert.Equal(batch.Length * actions, outputs["logits"].Length);
                for (int row = 0; row < batch.Length; row++)
                {
                    string what = $"{name}, batch {size}, ({string.Join(", ", batch[row])})";
                    Agreement.AssertProbabilities(policy, batch[row], outputs["probabilities"].AsSpan(row * actions, actions), what);
                    Agreement.AssertMostProbable(policy, batch[row], action[row], what);
                    AssertLogits(outputs["logits"].AsSpan(row * actions, actions), outputs["probabilities"].AsSpan(row * actions, actions), what);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(ExportCase.GaussianNames), MemberType = typeof(ExportCase))]
    public void Gaussian_RunElsewhere_GivesTheSameMoments(string name)
    {
        ExportCase item = ExportCase.Find(name);
        PolicyFile file = item.Policy();
        using Policy policy = file.CreatePolicy();
        using OnnxModel model = new(OnnxPolicy.ToArray(file));
        int dimension = policy.ActionCount;
        foreach (int size in BatchSizes)
        {
            foreach (float[][] batch in item.Observations().Chunk(size))
            {
                Dictionary<string, float[]> outputs = model.Run(batch, out _);
                Assert.Equal(batch.Length * dimension, outputs["standard_deviation"].Length);
                for (int row = 0; row < batch.Length; row++)
                {
                    Agreement.AssertMoments(
                        policy, batch[row], outputs["mean"].AsSpan(row * dimension, dimension),
                        outputs["standard_deviation"].AsSpan(row * dimension, dimension), $"{name}, batch {size}, ({string.Join(", ", batch[row])})");
                }
            }
        }
    }

    [Fact]
    public void Softmax_EqualLogits_TakesTheFirstActionAsThePolicyDoes()
    {
        foreach (int actions in new[] { 2, 3 })
        {
            NetworkShape shape = new(2, [], actions, Activation.Relu);
            PolicyFile file = new(shape, new float[shape.ParameterCount]);
            using Policy policy = file.CreatePolicy();
            using OnnxModel model = new(OnnxPolicy.ToArray(file));
            model.Run([[1, 2]], out long[] action);
            Assert.Equal(policy.MostProbableAction([1, 2]), Assert.Single(action));
        }
    }

    [Fact]
    public void ToArray_Model_SaysWhatItIsAndWhereItComesFrom()
    {
        PolicyFile file = ExportCase.Find("gaussian, head").Policy();
        using OnnxModel model = new(OnnxPolicy.ToArray(file));
        ModelMetadata metadata = model.Session.ModelMetadata;
        Assert.Equal("PgFast", metadata.ProducerName);
        Dictionary<string, string> expected = new()
        {
            ["environment"] = "made-up",
            ["activation"] = "relu",
            ["head"] = "gaussian",
            ["actionScale"] = "10",
            ["seed"] = "7",
            ["update"] = "12",
            ["parameterHash"] = Trainer.ParameterHashOf(file.Parameters),
        };
        Assert.Equal(expected, metadata.CustomMetadataMap);
        NodeMetadata input = Assert.Single(model.Session.InputMetadata).Value;
        Assert.Equal(["observation"], model.Session.InputNames);
        Assert.Equal([-1, 4], input.Dimensions);
        Assert.Equal(["batch", ""], input.SymbolicDimensions);
        Assert.Equal(["mean", "standard_deviation"], model.Session.OutputNames);
    }

    [Fact]
    public void ToArray_Softmax_HasItsOutputsInOrder()
    {
        using OnnxModel model = new(OnnxPolicy.ToArray(ExportCase.Find("three actions").Policy()));
        Assert.Equal(["logits", "probabilities", "action"], model.Session.OutputNames);
        Assert.Equal([-1, 3], model.Session.OutputMetadata["probabilities"].Dimensions);
        Assert.Equal([-1], model.Session.OutputMetadata["action"].Dimensions);
        Assert.Equal(typeof(long), model.Session.OutputMetadata["action"].ElementType);
    }

    [Fact]
    public void Run_ObservationOfAnotherSize_IsRefused()
    {
        using OnnxModel model = new(OnnxPolicy.ToArray(ExportCase.Find("two actions").Policy()));
        Assert.Throws<OnnxRuntimeException>(() => model.Run([[1, 2, 3]], out _));
    }

    [Fact]
    public void Write_StreamAndFile_GiveTheSameBytes()
    {
        PolicyFile file = ExportCase.Find("two actions").Policy();
        byte[] expected = OnnxPolicy.ToArray(file);
        using MemoryStream stream = new();
        OnnxPolicy.Write(file, stream);
        Assert.Equal(expected, stream.ToArray());
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.onnx");
        try
        {
            OnnxPolicy.Save(file, path);
            Assert.Equal(expected, File.ReadAllBytes(path));
        }
        finally
        {
            File.Delete(path);
        }

        Assert.Contains(MachineDescription.PgFastVersion(), System.Text.Encoding.UTF8.GetString(expected), StringComparison.Ordinal);
    }

    [Fact]
    public void ToArray_PolicyThatCannotAct_IsRefused()
    {
        PolicyFile file = ExportCase.Find("gaussian, head").Policy();
        foreach (float scale in new[] { 0, -1, float.NaN, float.PositiveInfinity })
        {
            PolicyFile wrong = new(file.Shape, file.Parameters) { Distribution = file.Distribution, ActionScale = scale };
            Assert.Throws<ArgumentException>(() => OnnxPolicy.ToArray(wrong));
        }

        PolicyFile misfit = new(file.Shape, file.Parameters) { Distribution = file.Distribution, ObservationScaling = new ObservationScaling([0], [1]) };
        Assert.Throws<ArgumentException>(() => OnnxPolicy.ToArray(misfit));
        Assert.Throws<ArgumentNullException>(() => OnnxPolicy.ToArray(null!));
    }

    /// <summary>Logits are those of the probabilities: their differences are the log of ratios.</summary>
    private static void AssertLogits(ReadOnlySpan<float> logits, ReadOnlySpan<float> probabilities, string what)
    {
        double largest = double.NegativeInfinity, total = 0;
        foreach (float logit in logits)
            largest = Math.Max(largest, logit);
        foreach (float logit in logits)
            total += Math.Exp(logit - largest);
        for (int k = 0; k < logits.Length; k++)
            Assert.True(Math.Abs(Math.Exp(logits[k] - largest) / total - probabilities[k]) < Agreement.Tolerance, $"{what}: logit {k}");
    }
}
