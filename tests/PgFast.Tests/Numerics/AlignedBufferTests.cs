using PgFast.Numerics;

namespace PgFast.Tests.Numerics;

public sealed unsafe class AlignedBufferTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(1000)]
    [InlineData(1_000_003)]
    public void Constructor_AnyLength_IsAlignedZeroedAndWritable(int length)
    {
        using AlignedBuffer<float> buffer = new(length);
        Assert.Equal(length, buffer.Length);
        Assert.Equal(length, buffer.Span.Length);
        Assert.Equal(0u, (nuint)buffer.Pointer % AlignedBuffer<float>.Alignment);
        Assert.Equal(-1, buffer.Span.IndexOfAnyExcept(0f));
        buffer.Span.Fill(1f);
        Assert.Equal(1f, buffer.Span[^1]);
    }

    [Fact]
    public void Constructor_ManyBuffers_NeverOverlap()
    {
        AlignedBuffer<byte>[] buffers = [.. Enumerable.Range(1, 50).Select(n => new AlignedBuffer<byte>(n * 3))];
        for (int i = 0; i < buffers.Length; i++) buffers[i].Span.Fill((byte)(i + 1));
        for (int i = 0; i < buffers.Length; i++)
        {
            Assert.Equal(0u, (nuint)buffers[i].Pointer % AlignedBuffer<byte>.Alignment);
            Assert.Equal(-1, buffers[i].Span.IndexOfAnyExcept((byte)(i + 1)));
        }

        foreach (AlignedBuffer<byte> buffer in buffers) buffer.Dispose();
    }

    [Fact]
    public void Span_AfterDispose_Throws()
    {
        AlignedBuffer<double> buffer = new(8);
        buffer.Dispose();
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Span.Length);
        Assert.True(buffer.Pointer is null);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void Constructor_LengthNotPositive_NamesTheArgument(long length) =>
        Assert.Equal("length", Assert.Throws<ArgumentOutOfRangeException>(() => new AlignedBuffer<int>(length)).ParamName);

    [Fact]
    public void Constructor_BytesBeyondTheAddressSpace_Throws() =>
        Assert.Throws<OverflowException>(() => new AlignedBuffer<double>(long.MaxValue));
}
