using System.Runtime.InteropServices;

namespace PgFast.Numerics;

/// <summary>Owns native memory aligned to a cache line, zeroed, never moved, allocated once.</summary>
/// <typeparam name="T">An unmanaged element type.</typeparam>
/// <remarks>
/// The memory comes from the system already zeroed, page by page when it is first touched: a buffer sized for the worst case costs
/// only what is used. Keep the owner alive while a <see cref="Span"/> of it is in use. Not thread-safe against <see cref="Dispose"/>.
/// </remarks>
public sealed unsafe class AlignedBuffer<T> : IDisposable where T : unmanaged
{
    /// <summary>Alignment of the first element in bytes: a cache line, and the widest register.</summary>
    public const int Alignment = 64;

    private void* _allocation;
    private T* _pointer;

    /// <summary>Allocates <paramref name="length"/> zeroed elements.</summary>
    /// <param name="length">Number of elements, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is not positive.</exception>
    /// <exception cref="OutOfMemoryException">The system has not that much address space.</exception>
    public AlignedBuffer(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        nuint bytes = checked((nuint)length * (nuint)sizeof(T));
        // Zeroed, over-allocated and aligned by hand: an aligned allocation would have to be cleared, which touches every page.
        _allocation = NativeMemory.AllocZeroed(checked(bytes + Alignment));
        _pointer = (T*)(((nuint)_allocation + (Alignment - 1)) & ~(nuint)(Alignment - 1));
        Length = length;
    }

    /// <summary>Frees the memory of an owner that was not disposed.</summary>
    ~AlignedBuffer() => Free();

    /// <summary>Number of elements.</summary>
    public long Length { get; }

    /// <summary>All elements.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    /// <exception cref="OverflowException">There are more elements than a span can hold.</exception>
    public Span<T> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_pointer is null, this);
            return new Span<T>(_pointer, checked((int)Length));
        }
    }

    /// <summary>Address of the first element, a multiple of <see cref="Alignment"/>.</summary>
    internal T* Pointer => _pointer;

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.Free(_allocation);
        _allocation = null;
        _pointer = null;
    }
}
