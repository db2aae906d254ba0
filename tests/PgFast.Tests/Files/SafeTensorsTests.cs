using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using PgFast.Files;

namespace PgFast.Tests.Files;

public class SafeTensorsTests
{
    [Fact]
    public void ToArray_ThenParse_GivesTheSameDocument()
    {
        SafeTensors document = Sample();
        SafeTensors parsed = SafeTensors.Parse(document.ToArray());
        Assert.Equal(document.Metadata, parsed.Metadata);
        Assert.Equal(document.Tensors.Select(t => t.Name), parsed.Tensors.Select(t => t.Name));
        foreach ((SafeTensor expected, SafeTensor actual) in document.Tensors.Zip(parsed.Tensors))
        {
            Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
            Assert.True(MemoryMarshal.AsBytes(expected.Values).SequenceEqual(MemoryMarshal.AsBytes(actual.Values)));
        }

        Assert.Equal(document.ToArray(), parsed.ToArray());
    }

    [Fact]
    public void ToArray_OneTensor_IsTheseBytes()
    {
        byte[] bytes = new SafeTensors([new SafeTensor("b", [2], [1f, -2f])], [new("z", "ü"), new("a", "1")]).ToArray();
        // The escaped text is what a JSON reader turns back into ü.
        byte[] header = Encoding.UTF8.GetBytes("""{"__metadata__":{"a":"1","z":"\u00FC"},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""");
        int padded = (header.Length + 7) / 8 * 8;
        Assert.Equal((ulong)padded, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        Assert.Equal(header, bytes[8..(8 + header.Length)]);
        Assert.All(bytes[(8 + header.Length)..(8 + padded)], b => Assert.Equal((byte)' ', b));
        Assert.Equal([0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0], bytes[(8 + padded)..]);
    }

    [Fact]
    public void ToArray_MetadataInAnotherOrder_GivesTheSameBytes()
    {
        SafeTensor tensor = new("t", [], [3f]);
        byte[] first = new SafeTensors([tensor], [new("x", "1"), new("y", "2")]).ToArray();
        byte[] second = new SafeTensors([tensor], [new("y", "2"), new("x", "1")]).ToArray();
        Assert.Equal(first, second);
    }

    [Fact]
    public void Parse_HeaderOfAnotherTool_IsRead()
    {
        // As the safetensors package for Python writes it: no padding rule kept, keys by name, bias data before weight data.
        SafeTensors parsed = Parse(
            """{"policy.0.bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"policy.0.weight":{"dtype":"F32","shape":[2,1],"data_offsets":[8,16]}} """,
            16);
        Assert.Equal(["policy.0.bias", "policy.0.weight"], parsed.Tensors.Select(t => t.Name));
        Assert.Equal([2, 1], parsed.Find("policy.0.weight")!.Shape.ToArray());
        Assert.Null(parsed.Find("policy.0"));
        Assert.Empty(parsed.Metadata);
    }

    [Theory]
    [InlineData("", 0, "does not begin")]
    [InlineData("[]", 0, "does not begin")]
    [InlineData("{", 0, "not valid JSON")]
    [InlineData("{}x", 0, "JSON")]
    [InlineData("{}", 4, "4 bytes at the end")]
    [InlineData("""{"a":1}""", 0, "not an object")]
    [InlineData("""{"a":{}}""", 0, "lacks dtype")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "lacks dtype")]
    [InlineData("""{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}""", 4, "dtype F16")]
    [InlineData("""{"a":{"dtype":7,"shape":[1],"data_offsets":[0,4]}}""", 4, "dtype of tensor a is not a string")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}""", 4, "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}""", 4, "not an array")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "does not have the 4 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296],"data_offsets":[0,4]}}""", 4, "too large")]
    [InlineData("""{"a":{"dtype":"F32","shape":[65536,65536,65536,65536],"data_offsets":[0,0]}}""", 0, "does not have the 0 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2147483647,2147483647],"data_offsets":[0,4]}}""", 4, "does not have the 4 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "claims bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}""", 4, "more than 2")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4, "lacks dtype")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "truncated")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "belong to no tensor")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "overlaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "appears twice")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "unexpected property")]
    [InlineData("""{"":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "no name")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "not a string")]
    [InlineData("""{"__metadata__":[]}""", 0, "not an object")]
    [InlineData("""{"__metadata__":{"a":"1","a":"2"}}""", 0, "appears twice")]
    [InlineData("""{"__metadata__":{},"__metadata__":{}}""", 0, "metadata twice")]
    [InlineData("""{"__metadata__":{"a":"\ud800"}}""", 0, "not valid")]
    public void Parse_BadHeader_SaysWhatIsWrong(string header, int dataBytes, string message)
    {
        SafeTensorsException exception = Assert.Throws<SafeTensorsException>(() => Parse(header, dataBytes));
        Assert.Contains(message, exception.Message);
    }

    [Fact]
    public void Parse_AnyTruncation_IsRefused()
    {
        byte[] bytes = Sample().ToArray();
        for (int length = 0; length < bytes.Length; length++)
            Assert.Throws<SafeTensorsException>(() => SafeTensors.Parse(bytes.AsSpan(0, length)));
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    [InlineData(100_000_000UL)]
    public void Parse_HugeHeaderLength_TakesNoMemoryForIt(ulong length)
    {
        byte[] bytes = Sample().ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<SafeTensorsException>(() => SafeTensors.Parse(bytes));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Parse_ValueNotFinite_NamesTheTensor(float value)
    {
        byte[] bytes = Sample().ToArray();
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(bytes.Length - 4), value);
        Assert.Contains("third", Assert.Throws<SafeTensorsException>(() => SafeTensors.Parse(bytes)).Message);
    }

    [Fact]
    public void Parse_RandomMutations_GiveADocumentOrTheTypedError()
    {
        byte[] original = Sample().ToArray();
        Random random = new(5);
        int refused = 0;
        for (int trial = 0; trial < 5000; trial++)
        {
            byte[] bytes = Mutate(original, random);
            try
            {
                SafeTensors parsed = SafeTensors.Parse(bytes);
                Assert.All(parsed.Tensors, tensor => Assert.All(tensor.Values.ToArray(), value => Assert.True(float.IsFinite(value))));
                _ = PolicyFile.FromSafeTensors(parsed);
            }
            catch (SafeTensorsException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 2500, 5000);
    }

    [Fact]
    public void Load_WhatSaveWrote_IsTheSameAndNoTemporaryFileStays()
    {
        string directory = Directory.CreateTempSubdirectory("pgfast-test-").FullName;
        try
        {
            string path = Path.Combine(directory, "x.safetensors");
            File.WriteAllText(path, "old");
            Sample().Save(path);
            Assert.Equal(Sample().ToArray(), SafeTensors.Load(path).ToArray());
            Assert.Equal([path], Directory.EnumerateFileSystemEntries(directory));
            Assert.ThrowsAny<IOException>(() => Sample().Save(Path.Combine(directory, "missing", "x.safetensors")));
            Directory.CreateDirectory(Path.Combine(directory, "taken"));
            Assert.ThrowsAny<Exception>(() => Sample().Save(Path.Combine(directory, "taken")));
            Assert.Equal(2, Directory.EnumerateFileSystemEntries(directory).Count());
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void SafeTensor_BadArguments_AreNamed()
    {
        Assert.Throws<ArgumentException>("name", () => new SafeTensor("", [1], [1]));
        Assert.Throws<ArgumentException>("name", () => new SafeTensor("__metadata__", [1], [1]));
        Assert.Throws<ArgumentException>("values", () => new SafeTensor("a", [2], [1]));
        Assert.Throws<ArgumentException>("values", () => new SafeTensor("a", [1], [float.NaN]));
        Assert.Throws<ArgumentOutOfRangeException>("shape", () => new SafeTensor("a", [-1], [1]));
        SafeTensor tensor = new("a", [1], [1]);
        Assert.Throws<ArgumentException>("tensors", () => new SafeTensors([tensor, tensor]));
    }

    private static SafeTensors Sample() => new(
        [
            new SafeTensor("policy.0.weight", [3, 2], [1, 2, 3, -0f, float.Epsilon, float.MaxValue]),
            new SafeTensor("policy.0.bias", [3], [4, 5, 6]),
            new SafeTensor("empty", [0, 4], []),
            new SafeTensor("third", [], [7]),
        ],
        [new("environment", "cartpole"), new("activation", "tanh")]);

    private static SafeTensors Parse(string header, int dataBytes)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        byte[] bytes = new byte[8 + text.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)text.Length);
        text.CopyTo(bytes, 8);
        return SafeTensors.Parse(bytes);
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        List<byte> bytes = [.. original];
        int headerEnd = 8 + (int)BinaryPrimitives.ReadUInt64LittleEndian(original);
        for (int change = random.Next(1, 4); change > 0; change--)
        {
            int at = random.Next(4) == 0 ? random.Next(bytes.Count) : random.Next(Math.Min(headerEnd, bytes.Count));
            switch (random.Next(5))
            {
                case 0:
                    bytes.RemoveAt(at);
                    break;
                case 1:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                case 2:
                    bytes[at] = (byte)"0123456789{}[],:\"- "[random.Next(19)];
                    break;
                case 3:
                    bytes.RemoveRange(at, Math.Min(bytes.Count - at, random.Next(1, 20)));
                    break;
                default:
                    bytes[at] = (byte)random.Next(256);
                    break;
            }

            if (bytes.Count == 0)
                break;
        }

        return [.. bytes];
    }

    [Fact]
    public void Parse_NameMadeToFillAScreen_GivesAShortLine()
    {
        string name = "\\u001b[2J" + new string('x', 10_000);
        string header = $$$"""{"{{{name}}}":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}""";
        SafeTensorsException exception = Assert.Throws<SafeTensorsException>(() => Parse(header, 8));
        Assert.InRange(exception.Message.Length, 10, 410);
        Assert.DoesNotContain(exception.Message, char.IsControl);
    }
}
