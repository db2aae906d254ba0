using PgFast.Networks;

namespace PgFast.Tests.Networks;

public class NetworkShapeTests
{
    [Fact]
    public void Offsets_TwoHiddenLayers_FollowFileOrder()
    {
        NetworkShape shape = new(3, [5, 7], 2, Activation.Tanh);
        Assert.Equal("3-5-7-2", shape.ToString());
        Assert.Equal(3, shape.LayerCount);
        Assert.Equal([0, 20, 62], Enumerable.Range(0, 3).Select(shape.WeightOffset));
        Assert.Equal([15, 55, 76], Enumerable.Range(0, 3).Select(shape.BiasOffset));
        Assert.Equal(78, shape.ParameterCount);
        Assert.Equal([5, 7, 2], Enumerable.Range(0, 3).Select(shape.BiasSizeOf));
        Assert.Equal(["policy.0.weight", "policy.0.bias", "policy.1.weight", "policy.1.bias", "policy.2.weight", "policy.2.bias"],
            new[] { 0, 15, 20, 55, 62, 76 }.Select(shape.TensorAt));
        Assert.Equal(["policy.0.weight", "policy.0.bias", "policy.1.weight", "policy.1.bias", "policy.2.weight", "policy.2.bias"],
            new[] { 14, 19, 54, 61, 75, 77 }.Select(shape.TensorAt));
    }

    [Fact]
    public void Offsets_WithoutBiases_AreWeightsOneAfterAnother()
    {
        NetworkShape shape = new(3, [5, 7], 2, Activation.Tanh, hasBias: false);
        Assert.Equal([0, 15, 50], Enumerable.Range(0, 3).Select(shape.WeightOffset));
        Assert.Equal([15, 50, 64], Enumerable.Range(0, 3).Select(shape.BiasOffset));
        Assert.Equal([0, 0, 0], Enumerable.Range(0, 3).Select(shape.BiasSizeOf));
        Assert.Equal(64, shape.ParameterCount);
        Assert.Equal(["policy.0.weight", "policy.0.weight", "policy.1.weight", "policy.1.weight", "policy.2.weight", "policy.2.weight"],
            new[] { 0, 14, 15, 49, 50, 63 }.Select(shape.TensorAt));
        Assert.Throws<ArgumentOutOfRangeException>(() => shape.TensorAt(64));
    }

    [Fact]
    public void MultiplyAdds_TwoHiddenLayers_CountUsefulProducts()
    {
        NetworkShape shape = new(3, [5, 7], 2, Activation.Tanh);
        Assert.Equal(15 + 35 + 14, shape.MultiplyAddsForward);
        // Forward and weight gradient everywhere, input gradient above the first layer.
        Assert.Equal(2 * 15 + 3 * 35 + 3 * 14, shape.MultiplyAddsPerStep);
    }

    [Fact]
    public void Constructor_BadSizes_NamesThem()
    {
        Assert.Equal("inputSize", Assert.Throws<ArgumentOutOfRangeException>(() => new NetworkShape(0, [], 2, Activation.Relu)).ParamName);
        Assert.Equal("outputSize", Assert.Throws<ArgumentOutOfRangeException>(() => new NetworkShape(4, [], -1, Activation.Relu)).ParamName);
        Assert.Equal("hiddenSizes", Assert.Throws<ArgumentOutOfRangeException>(() => new NetworkShape(4, [8, 0], 2, Activation.Relu)).ParamName);
        Assert.Equal("activation", Assert.Throws<ArgumentOutOfRangeException>(() => new NetworkShape(4, [8], 2, (Activation)9)).ParamName);
        Assert.Equal("hiddenSizes", Assert.Throws<ArgumentException>(() => new NetworkShape(4, [65_536, 65_536], 2, Activation.Relu)).ParamName);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(78)]
    public void TensorAt_NoSuchParameter_Throws(int index) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new NetworkShape(3, [5, 7], 2, Activation.Tanh).TensorAt(index));

    [Fact]
    public void NetworkParameters_MergingThreeOutputs_Throws() =>
        Assert.Throws<ArgumentException>(() => new NetworkParameters(new NetworkShape(4, [], 3, Activation.Relu), mergeOutputs: true));

    [Fact]
    public void Pad_AnyWidth_IsAMultipleOfSixteenThatHoldsIt()
    {
        for (int width = 1; width <= 600; width++)
        {
            int padded = NetworkParameters.Pad(width);
            Assert.True(padded >= width && padded < width + 32 && padded % 16 == 0, $"{width} is padded to {padded}");
        }
    }
}
