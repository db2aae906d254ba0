using CsCheck;
using PgFast.Numerics;

namespace PgFast.Tests.Support;

/// <summary>Every lane width, in one process: those that the CPU lacks are emulated by the runtime.</summary>
internal static class Widths
{
    /// <summary>Lanes a register, widest first.</summary>
    public static int[] All { get; } = [16, 8, 4, 1];

    /// <summary>The same as xunit rows.</summary>
    public static TheoryData<int> Rows => [.. All];

    /// <summary>Any of them.</summary>
    public static Gen<int> Any { get; } = Gen.Int[0, 3].Select(index => All[index]);

    /// <summary>Calls the visitor with the lane vector of a width.</summary>
    public static TResult Visit<TVisitor, TResult>(int width, TVisitor visitor)
        where TVisitor : struct, ILaneVisitor<TResult> => width switch
        {
            16 => visitor.Visit<Lanes16>(),
            8 => visitor.Visit<Lanes8>(),
            4 => visitor.Visit<Lanes4>(),
            1 => visitor.Visit<Lanes1>(),
            _ => throw new ArgumentOutOfRangeException(nameof(width), width, "Widths are 16, 8, 4 and 1."),
        };
}
