using PgFast.Reference;

namespace PgFast.Tests.Reference;

public class ReferenceNetworkTests
{
    // Layer 1: W = [[1, 2], [3, −4]], b = [0.5, −1]; layer 2: W = [[2, 5]], b = [0.25].
    private static readonly double[] SmallParameters = [1, 2, 3, -4, 0.5, -1, 2, 5, 0.25];

    [Fact]
    public void Forward_Relu_IsTheHandComputed()
    {
        double[][] activations = new ReferenceNetwork([2, 2, 1], ReferenceActivation.Relu).Forward(SmallParameters, [1.0, 2.0]);

        // Sums 1 + 4 + 0.5 and 3 − 8 − 1.
        Assert.Equal([[1.0, 2.0], [5.5, 0.0], [2.0 * 5.5 + 0.25]], activations);
    }

    [Fact]
    public void Forward_Tanh_IsTheHandComputed()
    {
        double[][] activations = new ReferenceNetwork([2, 2, 1], ReferenceActivation.Tanh).Forward(SmallParameters, [1.0, 2.0]);
        Assert.Equal(2.0 * Math.Tanh(5.5) + 5.0 * Math.Tanh(-6.0) + 0.25, activations[^1][0], 1e-15); // Order of the sum.
    }

    [Fact]
    public void Backward_Relu_IsTheHandComputedAndAccumulates()
    {
        ReferenceNetwork network = new([2, 2, 1], ReferenceActivation.Relu);
        double[] gradient = [.. Enumerable.Repeat(100.0, network.ParameterCount)];
        network.Backward(SmallParameters, network.Forward(SmallParameters, [1.0, 2.0]), [3.0], gradient);

        // δ of the output is 3, of the live hidden unit 3·2 = 6; the other one is dead.
        Assert.Equal([106.0, 112.0, 100.0, 100.0, 106.0, 100.0, 116.5, 100.0, 103.0], gradient);
    }

    [Fact]
    public void ForwardAndBackward_WithoutBiases_AreTheHandComputed()
    {
        ReferenceNetwork network = new([2, 2, 1], ReferenceActivation.Relu, hasBias: false);
        double[] parameters = [1, 2, 3, -4, 2, 5];
        double[][] activations = network.Forward(parameters, [1.0, 2.0]);
        Assert.Equal([[1.0, 2.0], [5.0, 0.0], [10.0]], activations);
        double[] gradient = new double[6];
        network.Backward(parameters, activations, [3.0], gradient);
        Assert.Equal([6.0, 12.0, 0.0, 0.0, 15.0, 0.0], gradient);
        Assert.All(network.InitialParameters(5), weight => Assert.NotEqual(0.0, weight));
    }

    [Fact]
    public void InitialParameters_AnySeed_HasBoundedWeightsAndZeroBiases()
    {
        double[] parameters = new ReferenceNetwork([4, 100, 2], ReferenceActivation.Tanh).InitialParameters(5);
        double[] lower = parameters[..400], upper = parameters[500..700];
        Assert.InRange(lower.Max(Math.Abs), 0.49, 0.5);
        Assert.InRange(upper.Max(Math.Abs), 0.09, 0.1);
        Assert.All(parameters[400..500].Concat(parameters[700..]), bias => Assert.Equal(0.0, bias));
        Assert.Equal(600, parameters.Where(p => p != 0.0).Distinct().Count());
    }

    [Fact]
    public void Constructor_TooFewOrEmptyLayers_Throws()
    {
        Assert.Throws<ArgumentException>(() => new ReferenceNetwork([4], ReferenceActivation.Tanh));
        Assert.Throws<ArgumentException>(() => new ReferenceNetwork([4, 0, 2], ReferenceActivation.Tanh));
    }

    [Fact]
    public void Forward_WrongLengths_Throws()
    {
        ReferenceNetwork network = new([2, 2, 1], ReferenceActivation.Relu);
        Assert.Throws<ArgumentException>(() => network.Forward(SmallParameters, [1.0]));
        Assert.Throws<ArgumentException>(() => network.Forward([1.0], [1.0, 2.0]));
    }
}
