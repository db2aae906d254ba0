using CsCheck;
using PgFast.Numerics;

namespace PgFast.Tests.Numerics;

/// <summary>Each lane operation does, at every width, what plain C# does to each lane alone.</summary>
public sealed unsafe class LanesTests
{
    [Fact]
    public void Add_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.Add>((x, y, z) => x + y, exactNaN: false);

    [Fact]
    public void Subtract_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.Subtract>((x, y, z) => x - y, exactNaN: false);

    [Fact]
    public void Multiply_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.Multiply>((x, y, z) => x * y, exactNaN: false);

    [Fact]
    public void Divide_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.Divide>((x, y, z) => x / y, exactNaN: false);

    [Fact]
    public void Negate_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.Negate>((x, y, z) => Float(Bits(x) ^ int.MinValue), exactNaN: true);

    [Fact]
    public void And_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.And>((x, y, z) => Float(Bits(x) & Bits(y)), exactNaN: true);

    [Fact]
    public void Or_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.Or>((x, y, z) => Float(Bits(x) | Bits(y)), exactNaN: true);

    [Fact]
    public void Xor_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.Xor>((x, y, z) => Float(Bits(x) ^ Bits(y)), exactNaN: true);

    [Fact]
    public void Complement_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.Complement>((x, y, z) => Float(~Bits(x)), exactNaN: true);

    [Fact]
    public void FusedMultiplyAdd_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.FusedMultiplyAdd>((x, y, z) => MathF.FusedMultiplyAdd(x, y, z), exactNaN: false);

    [Fact]
    public void FusedNegateMultiplyAdd_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.FusedNegateMultiplyAdd>((x, y, z) => MathF.FusedMultiplyAdd(-x, y, z), exactNaN: false);

    [Fact]
    public void Sqrt_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.Sqrt>((x, y, z) => MathF.Sqrt(x), exactNaN: false);

    [Fact]
    public void Abs_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.Abs>((x, y, z) => Float(Bits(x) & int.MaxValue), exactNaN: true);

    [Fact]
    public void LessThan_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.LessThan>((x, y, z) => Mask(x < y), exactNaN: true);

    [Fact]
    public void GreaterThan_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.GreaterThan>((x, y, z) => Mask(x > y), exactNaN: true);

    [Fact]
    public void Equal_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.Equal>((x, y, z) => Mask(x == y), exactNaN: true);

    [Fact]
    public void Select_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.Select>((x, y, z) => x < y ? y : z, exactNaN: true);

    [Fact]
    public void SelectBits_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.SelectBits>((x, y, z) => Float((Bits(x) & Bits(y)) | (~Bits(x) & Bits(z))), exactNaN: true);

    [Fact]
    public void AddInt32_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.AddInt32>((x, y, z) => Float(unchecked(Bits(x) + Bits(y))), exactNaN: true);

    [Fact]
    public void SubtractInt32_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.SubtractInt32>((x, y, z) => Float(unchecked(Bits(x) - Bits(y))), exactNaN: true);

    [Fact]
    public void MaxInt32_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.MaxInt32>((x, y, z) => Float(Math.Max(Bits(x), Bits(y))), exactNaN: true);

    [Fact]
    public void EqualInt32_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.EqualInt32>((x, y, z) => Mask(Bits(x) == Bits(y)), exactNaN: true);

    [Fact]
    public void GreaterThanInt32_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.GreaterThanInt32>((x, y, z) => Mask(Bits(x) > Bits(y)), exactNaN: true);

    [Fact]
    public void ShiftLeft0_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.ShiftLeft0>((x, y, z) => x, exactNaN: true);

    [Fact]
    public void ShiftLeft31_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.ShiftLeft31>((x, y, z) => Float(Bits(x) << 31), exactNaN: true);

    [Fact]
    public void ShiftLeft23_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.ShiftLeft23>((x, y, z) => Float(Bits(x) << 23), exactNaN: true);

    [Fact]
    public void ShiftRightLogical_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.ShiftRightLogical>((x, y, z) => Float(Bits(x) >>> 9), exactNaN: true);

    [Fact]
    public void ShiftRightArithmetic_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.ShiftRightArithmetic>((x, y, z) => Float(Bits(x) >> 9), exactNaN: true);

    [Fact]
    public void ConvertInt32ToSingle_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.ConvertInt32ToSingle>((x, y, z) => (float)Bits(x), exactNaN: true);

    [Fact]
    public void MultiplyWideHigh_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.MultiplyWideHigh>(
            (x, y, z) => Float((int)((ulong)(uint)Bits(x) * LaneOperations.Factor >> 32)), exactNaN: true);

    [Fact]
    public void MultiplyWideLow_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.MultiplyWideLow>(
            (x, y, z) => Float((int)(uint)((ulong)(uint)Bits(x) * LaneOperations.Factor)), exactNaN: true);

    [Fact]
    public void OneWhereBit0_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.OneWhereBit0>((x, y, z) => Bits(x) >> 0 & 1, exactNaN: true);

    [Fact]
    public void OneWhereBit1_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.OneWhereBit1>((x, y, z) => Bits(x) >> 1 & 1, exactNaN: true);

    [Fact]
    public void OneWhereBit2_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.OneWhereBit2>((x, y, z) => Bits(x) >> 2 & 1, exactNaN: true);

    [Fact]
    public void OneWhereBit3_AnyInput_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.OneWhereBit3>((x, y, z) => Bits(x) >> 3 & 1, exactNaN: true);

    [Fact]
    public void OrderBytes_OfPackedBytes_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.OrderedBytes>((x, y, z) => Float(Byte(x) | Byte(y) << 8 | Byte(z) << 16 | 1 << 24), exactNaN: true);

    [Fact]
    public void Min_OrdinaryAndNaNOnTheRight_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.Min>((x, y, z) => float.IsNaN(y) ? y : Math.Min(x, y), exactNaN: false, IsDefinedForMinMax);

    [Fact]
    public void Max_OrdinaryAndNaNOnTheRight_EqualsScalarAtEveryWidth() =>
        Check<LaneOperations.Max>((x, y, z) => float.IsNaN(y) ? y : Math.Max(x, y), exactNaN: false, IsDefinedForMinMax);

    [Fact]
    public void FusedMultiplyAdd_ProductThatRounds_RoundsOnce()
    {
        // (1 + 2⁻²³)² − (1 + 2⁻²²) is 2⁻⁴⁶ exactly; with a rounded product it is 0.
        float x = 1f + 1f / 8388608f;
        foreach (int width in LaneHarness.Widths)
        {
            float[] filled = [.. Enumerable.Repeat(x, 16)];
            float[] addend = [.. Enumerable.Repeat(-(1f + 2f / 8388608f), 16)];
            float[] result = LaneHarness.Run<LaneOperations.FusedMultiplyAdd>(width, filled, filled, addend);
            Assert.All(result, r => Assert.Equal(1.42108547e-14f, r));
        }
    }

    [Fact]
    public void AnyOperation_RandomTriples_IsTheSameAtEveryWidth() =>
        Gen.Select(Gen.Int.Array[16], Gen.Int.Array[16], Gen.Int.Array[16]).Sample((a, b, c) =>
        {
            float[] x = Floats(a), y = Floats(b), z = Floats(c);
            AssertSameAtEveryWidth<LaneOperations.Divide>(x, y, z);
            AssertSameAtEveryWidth<LaneOperations.FusedMultiplyAdd>(x, y, z);
            AssertSameAtEveryWidth<LaneOperations.FusedNegateMultiplyAdd>(x, y, z);
            AssertSameAtEveryWidth<LaneOperations.SelectBits>(x, y, z);
            AssertSameAtEveryWidth<LaneOperations.MultiplyWideHigh>(x, y, z);
            AssertSameAtEveryWidth<LaneOperations.OneWhereBit1>(x, y, z);
            AssertSameAtEveryWidth<LaneOperations.OrderedBytes>(x, y, z);
        }, iter: 2_000);

    [Fact]
    public void SignBitsAndMaskFromBits_EveryPattern_AreInverse()
    {
        for (uint bits = 0; bits < 1u << 16; bits += 7)
        {
            CheckMask<Lanes1>(bits);
            CheckMask<Lanes4>(bits);
            CheckMask<Lanes8>(bits);
            CheckMask<Lanes16>(bits);
        }
    }

    [Fact]
    public void Constants_EveryWidth_FillLanes()
    {
        CheckConstants<Lanes1>(1);
        CheckConstants<Lanes4>(4);
        CheckConstants<Lanes8>(8);
        CheckConstants<Lanes16>(16);
    }

    private static void CheckConstants<TLanes>(int count) where TLanes : unmanaged, ILanes<TLanes>
    {
        Assert.Equal(count, TLanes.Count);
        float* lanes = stackalloc float[16];
        for (int k = 0; k < count; k++)
        {
            TLanes.Store(TLanes.LaneIndices, lanes);
            Assert.Equal(k, Bits(lanes[k]));
            TLanes.Store(TLanes.Zero, lanes);
            Assert.Equal(0, Bits(lanes[k]));
            TLanes.Store(TLanes.Broadcast(-2.5f), lanes);
            Assert.Equal(-2.5f, lanes[k]);
            TLanes.Store(TLanes.BroadcastInt32(-7), lanes);
            Assert.Equal(-7, Bits(lanes[k]));
        }
    }

    private static void CheckMask<TLanes>(uint bits) where TLanes : unmanaged, ILanes<TLanes>
    {
        float* lanes = stackalloc float[16];
        TLanes mask = TLanes.MaskFromBits(bits);
        TLanes.Store(mask, lanes);
        for (int k = 0; k < TLanes.Count; k++)
        {
            int expected = (bits >> k & 1) != 0 ? -1 : 0;
            if (Bits(lanes[k]) != expected) Assert.Fail($"{typeof(TLanes).Name}: lane {k} of mask {bits:X} is {Bits(lanes[k])}.");
        }

        uint used = bits & (uint)((1L << TLanes.Count) - 1);
        if (TLanes.SignBits(mask) != used) Assert.Fail($"{typeof(TLanes).Name}: sign bits of mask {bits:X} are {TLanes.SignBits(mask):X}.");
        // Only the sign counts, not the rest of the lane.
        uint ofSigns = TLanes.SignBits(mask & TLanes.Broadcast(-0f));
        if (ofSigns != used) Assert.Fail($"{typeof(TLanes).Name}: sign bits of the signs of {bits:X} are {ofSigns:X}.");
    }

    private static void Check<TOperation>(
        Func<float, float, float, float> scalar, bool exactNaN, Func<float, float, bool>? isDefined = null)
        where TOperation : ILaneOperation
    {
        (float[] x, float[] y, float[] z) = LaneHarness.Inputs();
        foreach (int width in LaneHarness.Widths)
        {
            float[] actual = LaneHarness.Run<TOperation>(width, x, y, z);
            for (int i = 0; i < actual.Length; i++)
            {
                if (isDefined is not null && !isDefined(x[i], y[i])) continue;
                float expected = scalar(x[i], y[i], z[i]);
                if (!LaneHarness.Same(expected, actual[i], exactNaN))
                {
                    Assert.Fail($"{typeof(TOperation).Name} at {width} lanes of {LaneHarness.Show(x[i])}, {LaneHarness.Show(y[i])}, "
                        + $"{LaneHarness.Show(z[i])}: {LaneHarness.Show(actual[i])} instead of {LaneHarness.Show(expected)}.");
                }
            }
        }
    }

    private static void AssertSameAtEveryWidth<TOperation>(float[] x, float[] y, float[] z) where TOperation : ILaneOperation
    {
        float[] expected = LaneHarness.Run<TOperation>(1, x, y, z);
        foreach (int width in LaneHarness.Widths)
        {
            float[] actual = LaneHarness.Run<TOperation>(width, x, y, z);
            for (int i = 0; i < actual.Length; i++) Assert.True(LaneHarness.Same(expected[i], actual[i]));
        }
    }

    private static bool IsDefinedForMinMax(float x, float y) => !float.IsNaN(x) && !(x == 0 && y == 0);

    private static float[] Floats(int[] bits) => Array.ConvertAll(bits, BitConverter.Int32BitsToSingle);

    private static int Bits(float value) => BitConverter.SingleToInt32Bits(value);

    private static float Float(int bits) => BitConverter.Int32BitsToSingle(bits);

    private static int Byte(float value) => Math.Clamp(Bits(value), 0, 127);

    private static float Mask(bool set) => Float(set ? -1 : 0);
}
