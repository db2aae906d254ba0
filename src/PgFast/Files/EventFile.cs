using System.Buffers;
using System.Globalization;

namespace PgFast.Files;

/// <summary>Numbers along a run, in a file that TensorBoard reads: <c>events.out.tfevents.*</c>.</summary>
/// <remarks>
/// Records are kept back until <see cref="Flush"/> writes them, whole and all at once: whoever reads meanwhile, and a process that is killed, sees no part of one.
/// The time of an event is that of the clock, so that two runs' files differ in it, and in it alone. Adding allocates nothing once the memory has grown to what
/// lies between two flushes. Not thread-safe.
/// </remarks>
public sealed class EventFile : IDisposable
{
    private const string NamePrefix = "events.out.tfevents.", NameSuffix = ".pgfast";

    // tensorboard/compat/proto/event.proto and summary.proto.
    private const int WallTimeField = 1, StepField = 2, FileVersionField = 3, SummaryField = 5, SessionField = 7;
    private const int SummaryValueField = 1, TagField = 1, SimpleValueField = 2, StatusField = 1;
    private const long SessionStart = 1;

    private readonly FileStream _stream;
    private readonly TimeProvider _clock;
    private readonly ArrayBufferWriter<byte> _records = new(4096);
    private readonly ProtobufMessage _event = new(), _summary = new(), _value = new();

    private EventFile(FileStream stream, TimeProvider clock)
    {
        _stream = stream;
        _clock = clock;
        Append(Begin(step: null).Add(FileVersionField, "brain.Event:2"));
    }

    /// <summary>The file.</summary>
    public string Path => _stream.Name;

    /// <summary>Begins a new file, after those that the directory holds.</summary>
    /// <param name="directory">TensorBoard's run: made if it is not there.</param>
    /// <param name="clock">Gives events their time; null for the system's.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be written.</exception>
    public static EventFile Create(string directory, TimeProvider? clock = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        Directory.CreateDirectory(directory);
        // Numbered, so that the order of names is the order of files whatever the clock says; after the last, as earlier ones may have been removed.
        string[] earlier = Own(directory);
        string name = string.Create(CultureInfo.InvariantCulture, $"{NamePrefix}{(earlier.Length == 0 ? 0 : NumberOf(earlier[^1])) + 1:D6}{NameSuffix}");
        // Without a buffer of its own, so that what is written at once reaches the file at once.
        FileStream stream = new(System.IO.Path.Combine(directory, name), FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        return new EventFile(stream, clock ?? TimeProvider.System);
    }

    /// <summary>Goes on with a run after a step: removes what earlier files say of later ones, and begins another file.</summary>
    /// <param name="directory">TensorBoard's run.</param>
    /// <param name="step">The last step that stays.</param>
    /// <param name="clock">Gives events their time; null for the system's.</param>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">A file must not be read or written.</exception>
    public static EventFile GoOn(string directory, long step, TimeProvider? clock = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        foreach (string path in Own(directory))
            Cut(path, step);
        EventFile file = Create(directory, clock);
        // A TensorBoard that has read the steps already forgets them now.
        file._summary.Clear().Add(StatusField, SessionStart);
        file.Append(file.Begin(step + 1).Add(SessionField, file._summary));
        return file;
    }

    /// <summary>Adds an event: numbers of one step.</summary>
    /// <param name="step">The step, such as the number of the update; not below an earlier one.</param>
    /// <param name="scalars">Names, such as <c>train/mean_return</c>, and values; kept as float32, which is what TensorBoard shows.</param>
    public void Add(long step, params ReadOnlySpan<(string Tag, double Value)> scalars)
    {
        _summary.Clear();
        foreach ((string tag, double value) in scalars)
            _summary.Add(SummaryValueField, _value.Clear().Add(TagField, tag).AddSingle(SimpleValueField, (float)value));
        Append(Begin(step).Add(SummaryField, _summary));
    }

    /// <summary>Writes what was added since the last time, or nothing of it.</summary>
    /// <exception cref="IOException">It cannot be written; what was added is kept for another try.</exception>
    public void Flush()
    {
        long length = _stream.Position;
        try
        {
            _stream.Write(_records.WrittenSpan);
            _records.ResetWrittenCount();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            // A full disk takes a part of what it is given.
            _stream.SetLength(length);
            _stream.Position = length;
            throw new IOException($"'{Path}' could not be written: {exception.Message}", exception);
        }
    }

    /// <summary>Closes the file. What was not flushed is lost.</summary>
    public void Dispose() => _stream.Dispose();

    /// <summary>The files that this class numbered, in their order.</summary>
    private static string[] Own(string directory) =>
        Directory.Exists(directory) ? [.. Directory.GetFiles(directory, NamePrefix + "*" + NameSuffix).Where(path => NumberOf(path) > 0).OrderBy(NumberOf)] : [];

    /// <summary>A file's number, from 1; 0 for a file with a name of somebody else's.</summary>
    private static long NumberOf(string path)
    {
        string digits = System.IO.Path.GetFileName(path)[NamePrefix.Length..^NameSuffix.Length];
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number < long.MaxValue ? number : 0;
    }

    /// <summary>Ends a file before its first event of a later step, or before a record that is not whole.</summary>
    private static void Cut(string path, long step)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        long end = 0;
        while (RecordFraming.Read(stream) is { } data && StepOf(data) <= step)
            end = stream.Position;
        stream.SetLength(end);
    }

    /// <summary>The step of an event as this class writes it: the wall time is its first field, the step its second if it has one.</summary>
    private static long StepOf(ReadOnlySpan<byte> data)
    {
        const int StepAt = 1 + sizeof(double);
        if (data.Length <= StepAt || data[StepAt] != StepField << 3)
            return 0;
        long step = 0;
        int shift = 0;
        foreach (byte part in data[(StepAt + 1)..])
        {
            step |= (long)(part & 0x7F) << shift;
            shift += 7;
            if ((part & 0x80) == 0)
                break;
        }

        return step;
    }

    private ProtobufMessage Begin(long? step)
    {
        double seconds = (_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
        _event.Clear().AddDouble(WallTimeField, seconds);
        return step is { } number ? _event.Add(StepField, number) : _event;
    }

    private void Append(ProtobufMessage message) => RecordFraming.Append(_records, message.Bytes);
}
