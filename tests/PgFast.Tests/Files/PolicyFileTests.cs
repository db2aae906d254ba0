using System.Security.Cryptography;
using PgFast.Estimators;
using PgFast.Files;
using PgFast.Networks;
using PgFast.Training;

namespace PgFast.Tests.Files;

public class PolicyFileTests
{
    [Theory]
    [InlineData(4, "32", 2, Activation.Relu, true)]
    [InlineData(3, "", 5, Activation.Relu, true)]
    [InlineData(1, "2,3,4,5,6,7,8,9,10,11,12", 3, Activation.Tanh, true)]
    [InlineData(1, "", 2, Activation.Relu, false)]
    [InlineData(4, "8,5", 3, Activation.Tanh, false)]
    public void SafeTensors_RoundTrip_KeepsEverything(int inputs, string hidden, int actions, Activation activation, bool hasBias)
    {
        PolicyFile policy = Sample(new NetworkShape(inputs, Sizes(hidden), actions, activation, hasBias));
        PolicyFile read = PolicyFile.FromSafeTensors(SafeTensors.Parse(policy.ToSafeTensors().ToArray()));
        Assert.Equal(policy.Shape.Sizes.ToArray(), read.Shape.Sizes.ToArray());
        Assert.Equal(hidden.Length == 0 ? Activation.Relu : activation, read.Shape.Activation);
        Assert.Equal(hasBias, read.Shape.HasBias);
        Assert.Equal(hasBias, policy.ToSafeTensors().Tensors.Any(tensor => tensor.Name.EndsWith(".bias", StringComparison.Ordinal)));
        Assert.Equal(policy.Parameters.ToArray(), read.Parameters.ToArray());
        Assert.Equal(("cartpole", ulong.MaxValue, 12L), (read.Environment, read.Seed, read.Update));
        Assert.Equal(policy.ToSafeTensors().ToArray(), read.ToSafeTensors().ToArray());
    }

    [Theory]
    [InlineData(Estimator.Total, Estimator.Total)]
    [InlineData(Estimator.RewardToGo, Estimator.RewardToGo)]
    [InlineData(Estimator.Discounted, Estimator.RewardToGo)]
    public void SafeTensors_RoundTripWithValueFunction_KeepsIt(Estimator estimator, Estimator sameReturn)
    {
        PolicyFile policy = SampleWithValue(estimator);
        SafeTensors document = policy.ToSafeTensors();
        Assert.Equal(("relu", sameReturn == Estimator.Total ? "total" : "reward-to-go"), (document.Metadata["valueActivation"], document.Metadata["valueReturn"]));
        Assert.Equal([6, 5], document.Find("value.0.weight")!.Shape.ToArray());
        Assert.Equal([1], document.Find("value.1.bias")!.Shape.ToArray());
        PolicyFile read = PolicyFile.FromSafeTensors(SafeTensors.Parse(document.ToArray()));
        ValueFunction value = read.Value!;
        Assert.Equal(policy.Value!.Shape.Sizes.ToArray(), value.Shape.Sizes.ToArray());
        Assert.Equal((Activation.Relu, sameReturn), (value.Shape.Activation, value.Estimator));
        Assert.Equal(policy.Value.Parameters.ToArray(), value.Parameters.ToArray());
        Assert.Equal(policy.Parameters.ToArray(), read.Parameters.ToArray());
    }

    [Fact]
    public void FromSafeTensors_ValueFunctionOfAnotherTool_HasThePolicysActivationAndTheReturnFromTOn()
    {
        SafeTensors document = Sample(new NetworkShape(4, [3], 2, Activation.Tanh)).ToSafeTensors();
        SafeTensors other = new(
            [.. document.Tensors, new SafeTensor("value.0.weight", [2, 4], new float[8]), new SafeTensor("value.1.weight", [1, 2], new float[2])],
            document.Metadata);
        ValueFunction value = PolicyFile.FromSafeTensors(other).Value!;
        Assert.Equal("4-2-1", value.Shape.ToString());
        Assert.Equal((Activation.Tanh, false, Estimator.RewardToGo), (value.Shape.Activation, value.Shape.HasBias, value.Estimator));
        Assert.Null(PolicyFile.FromSafeTensors(document).Value);
    }

    [Fact]
    public void ToSafeTensors_Metadata_NamesOriginAndFormat()
    {
        IReadOnlyDictionary<string, string> metadata = Sample(new NetworkShape(4, [3], 2, Activation.Tanh)).ToSafeTensors().Metadata;
        Assert.Equal("tanh", metadata["activation"]);
        Assert.Equal("softmax", metadata["head"]);
        Assert.Equal("cartpole", metadata["environment"]);
        Assert.Equal("18446744073709551615", metadata["seed"]);
        Assert.Equal("12", metadata["update"]);
        Assert.Equal("pgfast-policy-1", metadata["format"]);
    }

    [Fact]
    public void ToArray_DataSection_HashesToTheParameterHash()
    {
        PolicyFile policy = Sample(new NetworkShape(4, [32], 2, Activation.Relu));
        byte[] bytes = policy.ToSafeTensors().ToArray();
        string hash = Convert.ToHexStringLower(SHA256.HashData(bytes.AsSpan(bytes.Length - policy.Parameters.Length * sizeof(float))));
        Assert.Equal(Trainer.ParameterHashOf(policy.Parameters), hash);
    }

    [Fact]
    public void FromSafeTensors_TensorsInOtherOrderAmongOthers_AreFound()
    {
        PolicyFile policy = Sample(new NetworkShape(4, [3], 2, Activation.Tanh));
        SafeTensors document = policy.ToSafeTensors();
        SafeTensors other = new(
            [new SafeTensor("other.0.weight", [1, 1], [1]), .. document.Tensors.OrderBy(t => t.Name, StringComparer.Ordinal)],
            document.Metadata);
        Assert.Equal(policy.Parameters.ToArray(), PolicyFile.FromSafeTensors(SafeTensors.Parse(other.ToArray())).Parameters.ToArray());
    }

    [Fact]
    public void FromSafeTensors_NoActivation_NeedsOneForHiddenLayers()
    {
        SafeTensors bare = new(Sample(new NetworkShape(4, [3], 2, Activation.Tanh)).ToSafeTensors().Tensors);
        Assert.Throws<SafeTensorsException>(() => PolicyFile.FromSafeTensors(bare));
        Assert.Equal(Activation.Tanh, PolicyFile.FromSafeTensors(bare, Activation.Tanh).Shape.Activation);
    }

    [Theory]
    [InlineData("policy.0.weight [3, 4]; policy.0.bias [2]", "policy.0.bias should be [3]")]
    [InlineData("policy.0.weight [3, 4]; policy.1.weight [2, 3]; policy.1.bias [2]", "policy.0.bias is missing")]
    [InlineData("policy.0.weight [3, 4]; policy.0.bias [3]; policy.1.weight [2, 3]", "policy.1.bias is missing")]
    [InlineData("policy.0.weight [3, 4]; policy.1.bias [3]", "policy.0.bias is missing")]
    [InlineData("policy.0.weight [12]; policy.0.bias [3]", "matrix")]
    [InlineData("policy.0.weight [3, 0]; policy.0.bias [3]", "matrix")]
    [InlineData("policy.0.weight [1, 4]; policy.0.bias [1]", "at least two outputs")]
    [InlineData("policy.1.weight [3, 4]; policy.1.bias [3]", "policy.0.weight is missing")]
    [InlineData("policy.0.weight [3, 4]; policy.0.bias [3]; policy.1.weight [2, 5]; policy.1.bias [2]", "policy.1.weight should be [out, 3]")]
    [InlineData("policy.0.weight [3, 4]; policy.0.bias [3]; policy.2.weight [2, 3]", "policy.2.weight belongs to no layer")]
    [InlineData("policy.0.weight [2, 4]; policy.0.bias [2]; policy.log_std [3]", "policy.log_std should be [2]")]
    [InlineData("policy.0.weight [2, 4]; policy.0.bias [2]; policy.log_std [2, 1]", "policy.log_std should be [2]")]
    [InlineData("policy.0.weight [2, 4]; policy.0.bias [2]; policy.log_dev [2]", "policy.log_dev belongs to no layer")]
    [InlineData("policy.0.weight [2, 4]; policy.0.bias [2]; observation.mean [4]", "observation.std is missing")]
    [InlineData("policy.0.weight [2, 4]; policy.0.bias [2]; observation.mean [3]; observation.std [4]", "observation.mean should be [4]")]
    [InlineData("policy.0.weight [2, 4]; value.0.weight [1, 3]", "value.0.weight should be [out, 4], or [out, 5] with the time")]
    [InlineData("policy.0.weight [2, 4]; value.0.weight [2, 5]", "value.0.weight should have one output")]
    [InlineData("policy.0.weight [2, 4]; value.0.weight [5]", "value.0.weight should be a matrix")]
    [InlineData("policy.0.weight [2, 4]; value.0.weight [3, 5]; value.1.weight [1, 4]", "value.1.weight should be [out, 3]")]
    [InlineData("policy.0.weight [2, 4]; value.0.weight [3, 5]; value.0.bias [3]; value.1.weight [1, 3]", "value.1.bias is missing")]
    [InlineData("policy.0.weight [2, 4]; value.0.weight [1, 5]; value.0.bias [2]", "value.0.bias should be [1]")]
    [InlineData("policy.0.weight [2, 4]; value.0.weight [1, 5]; value.2.weight [1, 1]", "value.2.weight belongs to no layer")]
    public void FromSafeTensors_TensorsThatDoNotFit_AreNamed(string tensors, string message)
    {
        List<SafeTensor> made = [];
        foreach (string text in tensors.Split("; "))
        {
            int[] shape = Sizes(text[(text.IndexOf('[', StringComparison.Ordinal) + 1)..^1].Replace(" ", "", StringComparison.Ordinal));
            made.Add(new SafeTensor(text.Split(' ')[0], shape, new float[shape.Aggregate(1, (a, b) => a * b)]));
        }

        SafeTensors document = new(made, [new("activation", "relu")]);
        Assert.Contains(message, Assert.Throws<SafeTensorsException>(() => PolicyFile.FromSafeTensors(document)).Message);
    }

    [Theory]
    [InlineData("activation", "gelu")]
    [InlineData("head", "beta")]
    [InlineData("valueActivation", "gelu")]
    [InlineData("valueReturn", "advantage")]
    public void FromSafeTensors_UnknownMetadata_IsRefused(string key, string value)
    {
        SafeTensors document = SampleWithValue(Estimator.RewardToGo).ToSafeTensors();
        Dictionary<string, string> metadata = new(document.Metadata) { [key] = value };
        SafeTensors changed = new(document.Tensors, metadata);
        Assert.Contains(value, Assert.Throws<SafeTensorsException>(() => PolicyFile.FromSafeTensors(changed)).Message);
    }

    [Fact]
    public void PolicyFile_BadArguments_AreNamed()
    {
        NetworkShape shape = new(4, [3], 2, Activation.Tanh);
        Assert.Throws<ArgumentNullException>("shape", () => new PolicyFile(null!, []));
        Assert.Throws<ArgumentException>("parameters", () => new PolicyFile(shape, new float[3]));
        float[] notFinite = [.. Enumerable.Repeat(float.NaN, shape.ParameterCount)];
        Assert.Throws<ArgumentException>("parameters", () => new PolicyFile(shape, notFinite));
        ValueFunction ofSeven = new(new NetworkShape(7, [], 1, Activation.Relu), new float[8], Estimator.Total);
        Assert.Throws<ArgumentException>("value", () => new PolicyFile(shape, new float[shape.ParameterCount]) { Value = ofSeven });
    }

    private static PolicyFile Sample(NetworkShape shape)
    {
        float[] parameters = [.. Enumerable.Range(1, shape.ParameterCount).Select(i => 1f / i)];
        return new PolicyFile(shape, parameters) { Environment = "cartpole", Seed = ulong.MaxValue, Update = 12 };
    }

    private static PolicyFile SampleWithValue(Estimator estimator)
    {
        NetworkShape policy = new(4, [3], 2, Activation.Tanh), value = new(5, [6], 1, Activation.Relu);
        float[] parameters = [.. Enumerable.Range(1, policy.ParameterCount).Select(i => 1f / i)];
        float[] ofValue = [.. Enumerable.Range(1, value.ParameterCount).Select(i => 2f / i)];
        return new PolicyFile(policy, parameters) { Value = new ValueFunction(value, ofValue, estimator) };
    }

    private static int[] Sizes(string text) => [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
}
