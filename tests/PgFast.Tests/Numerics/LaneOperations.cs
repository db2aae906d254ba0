using PgFast.Numerics;

namespace PgFast.Tests.Numerics;

/// <summary>Every member of <see cref="ILanes{TSelf}"/> as an operation that can be run at every width.</summary>
internal static class LaneOperations
{
    public const uint Factor = 0xD2511F53;

    public readonly struct Add : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes> => x + y;
    }

    public readonly struct Subtract : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes> => x - y;
    }

    public readonly struct Multiply : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes> => x * y;
    }

    public readonly struct Divide : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes> => x / y;
    }

    public readonly struct Negate : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes> => -x;
    }

    public readonly struct And : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes> => x & y;
    }

    public readonly struct Or : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes> => x | y;
    }

    public readonly struct Xor : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes> => x ^ y;
    }

    public readonly struct Complement : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes> => ~x;
    }

    public readonly struct FusedMultiplyAdd : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z)
            where TLanes : unmanaged, ILanes<TLanes> => TLanes.FusedMultiplyAdd(x, y, z);
    }

    public readonly struct FusedNegateMultiplyAdd : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z)
            where TLanes : unmanaged, ILanes<TLanes> => TLanes.FusedNegateMultiplyAdd(x, y, z);
    }

    public readonly struct Sqrt : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes> => TLanes.Sqrt(x);
    }

    public readonly struct Abs : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes> => TLanes.Abs(x);
    }

    public readonly struct LessThan : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes> => TLanes.LessThan(x, y);
    }

    public readonly struct GreaterThan : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z)
            where TLanes : unmanaged, ILanes<TLanes> => TLanes.GreaterThan(x, y);
    }

    public readonly struct Equal : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes> => TLanes.Equal(x, y);
    }

    public readonly struct Select : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z)
            where TLanes : unmanaged, ILanes<TLanes> => TLanes.Select(TLanes.LessThan(x, y), y, z);
    }

    public readonly struct SelectBits : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes> => TLanes.Select(x, y, z);
    }

    public readonly struct AddInt32 : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes> => TLanes.AddInt32(x, y);
    }

    public readonly struct SubtractInt32 : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z)
            where TLanes : unmanaged, ILanes<TLanes> => TLanes.SubtractInt32(x, y);
    }

    public readonly struct MaxInt32 : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes> => TLanes.MaxInt32(x, y);
    }

    public readonly struct EqualInt32 : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z)
            where TLanes : unmanaged, ILanes<TLanes> => TLanes.EqualInt32(x, y);
    }

    public readonly struct GreaterThanInt32 : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z)
            where TLanes : unmanaged, ILanes<TLanes> => TLanes.GreaterThanInt32(x, y);
    }

    public readonly struct ShiftLeft0 : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes> => TLanes.ShiftLeft(x, 0);
    }

    public readonly struct ShiftLeft31 : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z)
            where TLanes : unmanaged, ILanes<TLanes> => TLanes.ShiftLeft(x, 31);
    }

    public readonly struct ShiftLeft23 : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z)
            where TLanes : unmanaged, ILanes<TLanes> => TLanes.ShiftLeft(x, 23);
    }

    public readonly struct ShiftRightLogical : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z)
            where TLanes : unmanaged, ILanes<TLanes> => TLanes.ShiftRightLogical(x, 9);
    }

    public readonly struct ShiftRightArithmetic : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z)
            where TLanes : unmanaged, ILanes<TLanes> => TLanes.ShiftRightArithmetic(x, 9);
    }

    public readonly struct ConvertInt32ToSingle : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z)
            where TLanes : unmanaged, ILanes<TLanes> => TLanes.ConvertInt32ToSingle(x);
    }

    public readonly struct OneWhereBit0 : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z)
            where TLanes : unmanaged, ILanes<TLanes> => TLanes.OneWhereBit(x, 0);
    }

    public readonly struct OneWhereBit1 : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z)
            where TLanes : unmanaged, ILanes<TLanes> => TLanes.OneWhereBit(x, 1);
    }

    public readonly struct OneWhereBit2 : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z)
            where TLanes : unmanaged, ILanes<TLanes> => TLanes.OneWhereBit(x, 2);
    }

    public readonly struct OneWhereBit3 : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z)
            where TLanes : unmanaged, ILanes<TLanes> => TLanes.OneWhereBit(x, 3);
    }

    /// <summary>Bytes of max(x, 0), max(y, 0), max(z, 0) and 1.</summary>
    public readonly struct OrderedBytes : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes> => TLanes.OrderBytes(TLanes.PackBytes(
            TLanes.MaxInt32(x, TLanes.Zero), TLanes.MaxInt32(y, TLanes.Zero), TLanes.MaxInt32(z, TLanes.Zero), TLanes.BroadcastInt32(1)));
    }

    public readonly struct MultiplyWideHigh : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes>
        {
            TLanes.MultiplyWide(x, Factor, out TLanes high, out TLanes low);
            return high;
        }
    }

    public readonly struct MultiplyWideLow : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes>
        {
            TLanes.MultiplyWide(x, Factor, out TLanes high, out TLanes low);
            return low;
        }
    }

    public readonly struct Min : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes> => TLanes.Min(x, y);
    }

    public readonly struct Max : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes> => TLanes.Max(x, y);
    }
}
