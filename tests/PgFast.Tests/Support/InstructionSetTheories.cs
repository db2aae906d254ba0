using System.Runtime.Intrinsics;

namespace PgFast.Tests.Support;

/// <summary>A theory that is reported as skipped where this machine has no registers of 512 bits.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TheoryWithVector512Attribute : TheoryAttribute
{
    public TheoryWithVector512Attribute()
    {
        if (!Vector512.IsHardwareAccelerated)
            Skip = "This machine has no 512-bit registers to switch off.";
    }
}

/// <summary>A theory that is reported as skipped where this machine has no registers of 256 bits.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TheoryWithVector256Attribute : TheoryAttribute
{
    public TheoryWithVector256Attribute()
    {
        if (!Vector256.IsHardwareAccelerated)
            Skip = "This machine has no 256-bit registers to switch off.";
    }
}

/// <summary>A fact that is reported as skipped where this machine has no registers of 512 bits.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactWithVector512Attribute : FactAttribute
{
    public FactWithVector512Attribute()
    {
        if (!Vector512.IsHardwareAccelerated)
            Skip = "This machine has no 512-bit registers to switch off.";
    }
}

/// <summary>A fact that is reported as skipped where this machine has no registers of 256 bits.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactWithVector256Attribute : FactAttribute
{
    public FactWithVector256Attribute()
    {
        if (!Vector256.IsHardwareAccelerated)
            Skip = "This machine has no 256-bit registers to switch off.";
    }
}
