using PgFast.Environments;
using PgFast.Numerics;

namespace PgFast.Tests.Environments;

public class EnvironmentSpecificationTests
{
    private static readonly EnvironmentSpecification Good = new("Test", 2, 3, false, ActionSpace.Discrete(3), 10, 4, null);

    public static TheoryData<string> Names => [.. Bad.Keys];

    private static Dictionary<string, EnvironmentSpecification> Bad { get; } = new()
    {
        ["Name"] = Good with { Name = " " },
        ["StateSize"] = Good with { StateSize = 0 },
        ["ObservationSize"] = Good with { ObservationSize = -1 },
        ["MaximumEpisodeSteps"] = Good with { MaximumEpisodeSteps = 0 },
        ["ResetWords"] = Good with { ResetWords = -1 },
        ["ObservationSize (not the state's)"] = Good with { ObservationIsState = true },
    };

    [Fact]
    public void Validate_GoodSizes_Passes() => Good.Validate();

    [Theory]
    [MemberData(nameof(Names))]
    public void Validate_BadSize_NamesIt(string name)
    {
        ArgumentException exception = Assert.ThrowsAny<ArgumentException>(Bad[name].Validate);
        Assert.Equal(name.Split(' ')[0], exception.ParamName);
    }

    [Fact]
    public void ActionSpace_BadArguments_Throw()
    {
        Assert.Equal("count", Assert.Throws<ArgumentOutOfRangeException>(() => ActionSpace.Discrete(1)).ParamName);
        Assert.Equal("size", Assert.Throws<ArgumentOutOfRangeException>(() => ActionSpace.Continuous(0, -1, 1)).ParamName);
        Assert.Equal("high", Assert.Throws<ArgumentOutOfRangeException>(() => ActionSpace.Continuous(1, 1, 1)).ParamName);
        Assert.Equal("high", Assert.Throws<ArgumentOutOfRangeException>(() => ActionSpace.Continuous(1, float.NaN, 1)).ParamName);
    }

    [Fact]
    public void LaneRows_BadArguments_Throw()
    {
        using AlignedBuffer<float> buffer = new(64);
        Assert.Equal("buffer", Assert.Throws<ArgumentNullException>(() => new LaneRows(buffer: null!, 1, 16)).ParamName);
        Assert.Equal("rowCount", Assert.Throws<ArgumentOutOfRangeException>(() => new LaneRows(buffer, 0, 16)).ParamName);
        Assert.Equal("laneCount", Assert.Throws<ArgumentOutOfRangeException>(() => new LaneRows(buffer, 1, 24)).ParamName);
        Assert.Equal("laneCount", Assert.Throws<ArgumentOutOfRangeException>(() => new LaneRows(buffer, 1, 80)).ParamName);
        Assert.Equal("buffer", Assert.Throws<ArgumentException>(() => new LaneRows(buffer, 5, 16)).ParamName);
        Assert.Equal(2, new LaneRows(buffer, 2, 32).RowCount);
    }
}
