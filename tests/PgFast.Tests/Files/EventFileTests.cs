using PgFast.Files;
using PgFast.Tests.Cli;
using PgFast.Tests.Support;

namespace PgFast.Tests.Files;

/// <summary>TensorBoard's event files, read by an independent reader.</summary>
public class EventFileTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, 250, TimeSpan.Zero);

    [Fact]
    public void Reader_Checksum_IsThatOfThePublishedVector() => Assert.Equal(0xE3069283, EventFileReader.Crc32C("123456789"u8));

    [Fact]
    public void Add_Scalars_AreReadBack()
    {
        using TemporaryDirectory directory = new();
        Write(directory.Root, events =>
        {
            events.Add(1, ("train/mean_return", 20.25), ("Ünïcode ∇", -1e-30));
            events.Add(300_000_000_000, ("train/mean_return", double.NaN));
        });
        IReadOnlyList<EventFileReader.Event> read = EventFileReader.ReadDirectory(directory.Root);
        Assert.Equal(3, read.Count);
        Assert.Equal(("brain.Event:2", 0L), (read[0].FileVersion, read[0].Step));
        Assert.All(read, one => Assert.Equal(1767355200.25, one.WallTime));
        Assert.Equal(1, read[1].Step);
        Assert.Equal(new Dictionary<string, float> { ["train/mean_return"] = 20.25f, ["Ünïcode ∇"] = -1e-30f }, read[1].Scalars);
        Assert.Equal(300_000_000_000, read[2].Step);
        Assert.True(float.IsNaN(read[2].Scalars["train/mean_return"]));
    }

    /// <summary>The first bytes of every event file that TensorFlow writes with a step of 0: length 24 and its masked checksum.</summary>
    [Fact]
    public void Create_FirstRecord_BeginsAsTensorFlowsDoes()
    {
        using TemporaryDirectory directory = new();
        Write(directory.Root, _ => { });
        byte[] file = File.ReadAllBytes(Assert.Single(Directory.GetFiles(directory.Root)));
        Assert.Equal([0x18, 0, 0, 0, 0, 0, 0, 0, 0xA3, 0x7F, 0x4B, 0x22, 0x09], file[..13]);
    }

    [Fact]
    public void Flush_NotCalled_LeavesTheFileAsItWas()
    {
        using TemporaryDirectory directory = new();
        using EventFile events = EventFile.Create(directory.Root);
        events.Flush();
        long length = new FileInfo(events.Path).Length;
        events.Add(1, ("a", 1));
        Assert.Equal(length, new FileInfo(events.Path).Length);
        events.Flush();
        Assert.True(new FileInfo(events.Path).Length > length);
        events.Flush();
        Assert.Equal(2, EventFileReader.ReadDirectory(directory.Root).Count);
    }

    [Fact]
    public void Create_SameClock_GivesTheSameBytes()
    {
        using TemporaryDirectory one = new(), other = new();
        foreach (TemporaryDirectory directory in new[] { one, other })
            Write(directory.Root, events => events.Add(1, ("a", 1)));
        Assert.Equal(Path.GetFileName(Directory.GetFiles(one.Root)[0]), Path.GetFileName(Directory.GetFiles(other.Root)[0]));
        Assert.Equal(File.ReadAllBytes(Directory.GetFiles(one.Root)[0]), File.ReadAllBytes(Directory.GetFiles(other.Root)[0]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(13)]
    public void GoOn_LaterStepsAndTornRecords_AreGone(int torn)
    {
        using TemporaryDirectory directory = new();
        Write(directory.Root, events =>
        {
            for (int step = 1; step <= 400; step++)
                events.Add(step, ("a", step));
        });
        string first = Directory.GetFiles(directory.Root)[0];
        File.WriteAllBytes(first, File.ReadAllBytes(first)[..^torn]);
        using (EventFile more = EventFile.GoOn(directory.Root, 250, new Clock(Noon)))
        {
            more.Add(251, ("a", -251));
            more.Flush();
        }

        IReadOnlyList<EventFileReader.Event> read = EventFileReader.ReadDirectory(directory.Root);
        Assert.Equal(2, Directory.GetFiles(directory.Root).Length);
        Assert.Equal([.. Enumerable.Range(1, 250).Select(step => (float)step), -251], read.SelectMany(one => one.Scalars.Values));
        // What makes a TensorBoard that has read the later steps forget them: SessionLog.START.
        EventFileReader.Event start = Assert.Single(read, one => one.SessionStatus is not null);
        Assert.Equal((1L, 251L), (start.SessionStatus!.Value, start.Step));
    }

    [Fact]
    public void Create_BesideOtherFiles_IsNumberedAfterTheLast()
    {
        using TemporaryDirectory directory = new();
        foreach (string name in new[] { "000004.pgfast", "999999.pgfast", "1000000.pgfast", "copy.pgfast", "1999.host" })
            File.WriteAllText(directory.At($"events.out.tfevents.{name}"), "");
        using (EventFile one = EventFile.Create(directory.Root), other = EventFile.GoOn(directory.Root, 0))
        {
            Assert.Equal("events.out.tfevents.1000001.pgfast", Path.GetFileName(one.Path));
            Assert.Equal("events.out.tfevents.1000002.pgfast", Path.GetFileName(other.Path));
        }
    }

    [Fact]
    public void GoOn_TornLastRecord_IsCutOff()
    {
        using TemporaryDirectory directory = new();
        Write(directory.Root, events =>
        {
            events.Add(1, ("a", 1));
            events.Add(2, ("a", 2));
        });
        string first = Directory.GetFiles(directory.Root)[0];
        File.WriteAllBytes(first, File.ReadAllBytes(first)[..^1]);
        EventFile.GoOn(directory.Root, 2).Dispose();
        Assert.Equal([1f], EventFileReader.Read(File.ReadAllBytes(first)).SelectMany(one => one.Scalars.Values));
    }

    [Fact]
    public void Add_BetweenFlushes_AllocatesNothing()
    {
        using TemporaryDirectory directory = new();
        using EventFile events = EventFile.Create(directory.Root);
        for (int round = 0; round < 50; round++)
            AddHundred(events);
        long before = GC.GetAllocatedBytesForCurrentThread();
        AddHundred(events);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        static void AddHundred(EventFile events)
        {
            for (int step = 0; step < 100; step++)
                events.Add(step, ("train/mean_return", step), ("train/entropy", 0.5));
            events.Flush();
        }
    }

    private static void Write(string directory, Action<EventFile> write)
    {
        using EventFile events = EventFile.Create(directory, new Clock(Noon));
        write(events);
        events.Flush();
    }

    private sealed class Clock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
