namespace PgFast.Tests.Checking;

// A type for each fault, so that the compiler makes an environment of each.

internal readonly struct NoFault : IFault
{
    public static Fault Fault => Fault.None;
}

internal readonly struct ResetUnwritten : IFault
{
    public static Fault Fault => Fault.ResetUnwritten;
}

internal readonly struct StepUnwritten : IFault
{
    public static Fault Fault => Fault.StepUnwritten;
}

internal readonly struct RewardUnwritten : IFault
{
    public static Fault Fault => Fault.RewardUnwritten;
}

internal readonly struct Overrun : IFault
{
    public static Fault Fault => Fault.Overrun;
}

internal readonly struct NonFinite : IFault
{
    public static Fault Fault => Fault.NonFinite;
}

internal readonly struct NonFiniteReward : IFault
{
    public static Fault Fault => Fault.NonFiniteReward;
}

internal readonly struct IdleNonFinite : IFault
{
    public static Fault Fault => Fault.IdleNonFinite;
}

internal readonly struct CountsCalls : IFault
{
    public static Fault Fault => Fault.CountsCalls;
}

internal readonly struct LooksAtNeighbour : IFault
{
    public static Fault Fault => Fault.LooksAtNeighbour;
}

internal readonly struct DependsOnWidth : IFault
{
    public static Fault Fault => Fault.DependsOnWidth;
}

internal readonly struct StoresEarly : IFault
{
    public static Fault Fault => Fault.StoresEarly;
}

internal readonly struct FlagsBeyondLanes : IFault
{
    public static Fault Fault => Fault.FlagsBeyondLanes;
}

internal readonly struct Allocates : IFault
{
    public static Fault Fault => Fault.Allocates;
}

internal readonly struct SharesState : IFault
{
    public static Fault Fault => Fault.SharesState;
}

internal readonly struct Throws : IFault
{
    public static Fault Fault => Fault.Throws;
}
