using PgFast.Networks;

namespace PgFast.Tests.Networks;

/// <summary>Every parameter has its component, and components get to the parameters that they stand for.</summary>
public class GradientLayoutTests
{
    public static TheoryData<int[], bool> Shapes => new()
    {
        { [4, 2], true }, { [4, 3], true }, { [1, 1, 2], true }, { [4, 32, 2], true }, { [5, 16, 17, 3], true }, { [2, 7, 9, 2], true },
        { [4, 2], false }, { [4, 3], false }, { [3, 20, 2], false }, { [5, 16, 17, 3], false },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Flat_AllComponents_CoverEveryParameterOnce(int[] sizes, bool hasBias)
    {
        GradientLayout layout = LayoutOf(sizes, hasBias, out NetworkShape shape);
        Assert.Equal(0, layout.Length % 16);
        int[] times = new int[shape.ParameterCount];
        double parameters = 0;
        for (int i = 0; i < layout.Length; i++)
        {
            double multiplicity = layout.Multiplicity[i];
            Assert.Equal(layout.Flat[i] < 0, multiplicity == 0);
            parameters += multiplicity;
            if (layout.Flat[i] >= 0)
                times[layout.Flat[i]]++;
        }

        Assert.Equal(shape.ParameterCount, parameters);
        int last = shape.LayerCount - 1, inputs = shape.InputSizeOf(last);
        for (int index = 0; index < times.Length; index++)
        {
            // Of two merged outputs the second has the component.
            bool isWeight = index >= shape.WeightOffset(last) && index < shape.WeightOffset(last) + inputs;
            bool isFirstOfTwo = shape.OutputSize == 2 && (isWeight || (hasBias && index == shape.BiasOffset(last)));
            Assert.Equal(isFirstOfTwo ? 0 : 1, times[index]);
        }
    }

    [Fact]
    public void Spread_HiddenLayerAndTwoOutputs_GivesFileOrderAndSigns()
    {
        // 2-3-2: W1 [3][2], b1 [3], W2 [2][3], b2 [2] in the file; [input, bias][16] and [difference][16] in the components.
        GradientLayout layout = LayoutOf([2, 3, 2], true, out NetworkShape shape);
        Assert.Equal(4 * 16, layout.Length);
        double[] components = new double[layout.Length], flat = new double[shape.ParameterCount];
        Array.Fill(components, double.NaN);
        for (int row = 0; row < 3; row++)
            (components[16 * row], components[16 * row + 1], components[16 * row + 2]) = (10 * row + 1, 10 * row + 2, 10 * row + 3);
        (components[48], components[49], components[50], components[51]) = (31, 32, 33, 34);
        layout.Spread(components, flat, areSquares: false);
        Assert.Equal([1, 11, 2, 12, 3, 13, 21, 22, 23, -31, -32, -33, 31, 32, 33, -34, 34], flat);
        layout.Spread(components, flat, areSquares: true);
        Assert.Equal([1, 11, 2, 12, 3, 13, 21, 22, 23, 31, 32, 33, 31, 32, 33, 34, 34], flat);
    }

    [Fact]
    public void Spread_LinearWithoutBiases_GivesFileOrderAndSigns()
    {
        GradientLayout layout = LayoutOf([3, 2], false, out NetworkShape shape);
        double[] components = new double[layout.Length], flat = new double[shape.ParameterCount];
        (components[0], components[16], components[32]) = (1, 2, 3);
        layout.Spread(components, flat, areSquares: false);
        Assert.Equal([-1, -2, -3, 1, 2, 3], flat);
    }

    [Fact]
    public void Spread_ThreeOutputs_GivesFileOrder()
    {
        GradientLayout layout = LayoutOf([2, 3], true, out NetworkShape shape);
        double[] components = new double[layout.Length], flat = new double[shape.ParameterCount];
        for (int input = 0; input < 3; input++)
        {
            for (int output = 0; output < 3; output++)
                components[16 * input + output] = 10 * input + output;
        }

        layout.Spread(components, flat, areSquares: false);
        Assert.Equal([0, 10, 1, 11, 2, 12, 20, 21, 22], flat);
    }

    private static GradientLayout LayoutOf(int[] sizes, bool hasBias, out NetworkShape shape)
    {
        shape = new NetworkShape(sizes[0], sizes.AsSpan(1..^1), sizes[^1], Activation.Tanh, hasBias);
        using NetworkParameters parameters = new(shape, shape.OutputSize == 2);
        return new GradientLayout(parameters);
    }
}
