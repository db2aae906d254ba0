namespace PgFast.Numerics;

/// <summary>A small number that the compiler knows: a kernel generic over it keeps no register and no instruction for what lies beyond.</summary>
internal interface IConstant
{
    static abstract int Value { get; }
}

/// <summary>The numbers themselves.</summary>
internal static class Constants
{
    internal readonly struct One : IConstant
    {
        public static int Value => 1;
    }

    internal readonly struct Two : IConstant
    {
        public static int Value => 2;
    }

    internal readonly struct Three : IConstant
    {
        public static int Value => 3;
    }

    internal readonly struct Four : IConstant
    {
        public static int Value => 4;
    }

    internal readonly struct Five : IConstant
    {
        public static int Value => 5;
    }

    internal readonly struct Six : IConstant
    {
        public static int Value => 6;
    }

    internal readonly struct Seven : IConstant
    {
        public static int Value => 7;
    }

    internal readonly struct Eight : IConstant
    {
        public static int Value => 8;
    }
}
