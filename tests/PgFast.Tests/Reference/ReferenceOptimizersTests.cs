using PgFast.Reference;

namespace PgFast.Tests.Reference;

public class ReferenceOptimizersTests
{
    // A handful of operations on numbers of order 1.
    private const double RoundingTolerance = 1e-15;

    [Fact]
    public void SgdStep_WithoutMomentum_AddsStepSizeTimesGradient()
    {
        double[] parameters = [1.0, -1.0];
        new ReferenceSgd(2).Step(parameters, [2.0, 4.0], 0.25);
        Assert.Equal([1.5, 0.0], parameters);
    }

    [Fact]
    public void SgdStep_WithMomentum_AccumulatesTheVelocity()
    {
        double[] parameters = [0.0];
        ReferenceSgd optimizer = new(1, momentum: 0.5);
        optimizer.Step(parameters, [1.0], 0.25); // v = 1
        Assert.Equal(0.25, parameters[0]);
        optimizer.Step(parameters, [2.0], 0.25); // v = 0.5 + 2 = 2.5
        Assert.Equal(0.875, parameters[0]);
        optimizer.Step(parameters, [-1.25], 0.25); // v = 1.25 − 1.25 = 0
        Assert.Equal(0.875, parameters[0]);
    }

    [Fact]
    public void AdamStep_TwoSteps_AreTheHandComputed()
    {
        double[] parameters = [1.0];
        ReferenceAdam optimizer = new(1);

        // The first step's corrected moments are g and g²: a step of α in the direction of the gradient's sign.
        optimizer.Step(parameters, [2.0], 0.1);
        double afterFirst = 1.0 + 0.1 * 2.0 / (2.0 + 1e-8);
        Assert.Equal(afterFirst, parameters[0], RoundingTolerance);

        // m = 0.9·0.2 − 0.1 = 0.08, 1 − 0.9² = 0.19; v = 0.999·0.004 + 0.001 = 0.004996, 1 − 0.999² = 0.001999.
        optimizer.Step(parameters, [-1.0], 0.1);
        double afterSecond = afterFirst + 0.1 * (0.08 / 0.19) / (Math.Sqrt(0.004996 / 0.001999) + 1e-8);
        Assert.Equal(afterSecond, parameters[0], 1e-14); // 1 − 0.999² loses three digits.
    }

    [Fact]
    public void AdamStep_ZeroGradient_StaysPut()
    {
        double[] parameters = [1.0, 2.0];
        new ReferenceAdam(2).Step(parameters, [0.0, 1.0], 0.1);
        Assert.Equal(1.0, parameters[0]);
        Assert.True(parameters[1] > 2.0);
    }
}
