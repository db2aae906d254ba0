using System.Runtime.CompilerServices;
namespace PgFast.Numerics;
/// <summary>Provisional.</summary>
public static partial class Elementary
{
    /// <summary>Provisional.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SinCosSmall<TLanes>(TLanes x, out TLanes sin, out TLanes cos) where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes t2 = x * x;
        TLanes s = TLanes.FusedMultiplyAdd(t2, TLanes.FusedMultiplyAdd(t2, TLanes.Broadcast(1f / 120), TLanes.Broadcast(-1f / 6)), TLanes.Broadcast(1f));
        sin = s * x;
        cos = TLanes.FusedMultiplyAdd(t2, TLanes.FusedMultiplyAdd(t2, TLanes.FusedMultiplyAdd(t2, TLanes.Broadcast(-1f / 720), TLanes.Broadcast(1f / 24)), TLanes.Broadcast(-.5f)), TLanes.Broadcast(1f));
    }
    /// <summary>Provisional.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Exp<TLanes>(TLanes x) where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes z = TLanes.Min(TLanes.Max(x, TLanes.Broadcast(-87)), TLanes.Broadcast(88));
        TLanes magic = TLanes.Broadcast(12582912f);
        TLanes n = TLanes.FusedMultiplyAdd(z, TLanes.Broadcast(1.44269504f), magic);
        TLanes k = n - magic;
        TLanes f = TLanes.FusedNegateMultiplyAdd(k, TLanes.Broadcast(0.693359375f), z);
        f = TLanes.FusedNegateMultiplyAdd(k, TLanes.Broadcast(-2.12194440e-4f), f);
        TLanes y = TLanes.FusedMultiplyAdd(f, TLanes.Broadcast(1.9875691500e-4f), TLanes.Broadcast(1.3981999507e-3f));
        y = TLanes.FusedMultiplyAdd(f, y, TLanes.Broadcast(8.3334519073e-3f)); y = TLanes.FusedMultiplyAdd(f, y, TLanes.Broadcast(4.1665795894e-2f));
        y = TLanes.FusedMultiplyAdd(f, y, TLanes.Broadcast(1.6666665459e-1f)); y = TLanes.FusedMultiplyAdd(f, y, TLanes.Broadcast(5.0000001201e-1f));
        y = TLanes.FusedMultiplyAdd(f * f, y, f + TLanes.Broadcast(1f));
        return TLanes.AddInt32(y, TLanes.ShiftLeft(n, 23));
    }
    /// <summary>Provisional.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Tanh<TLanes>(TLanes x) where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes e = Exp(x + x);
        return (e - TLanes.Broadcast(1)) / (e + TLanes.Broadcast(1));
    }
    /// <summary>Provisional.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Log<TLanes>(TLanes x) where TLanes : unmanaged, ILanes<TLanes> => x;
}
