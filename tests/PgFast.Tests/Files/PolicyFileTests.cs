using System.Security.Cryptography;
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
            [new SafeTensor("value.0.weight", [1, 1], [1]), .. document.Tensors.OrderBy(t => t.Name, StringComparer.Ordinal)],
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
    public void FromSafeTensors_UnknownMetadata_IsRefused(string key, string value)
    {
        SafeTensors document = Sample(new NetworkShape(4, [3], 2, Activation.Tanh)).ToSafeTensors();
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
    }

    private static PolicyFile Sample(NetworkShape shape)
    {
        float[] parameters = [.. Enumerable.Range(1, shape.ParameterCount).Select(i => 1f / i)];
        return new PolicyFile(shape, parameters) { Environment = "cartpole", Seed = ulong.MaxValue, Update = 12 };
    }

    private static int[] Sizes(string text) => [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
}
