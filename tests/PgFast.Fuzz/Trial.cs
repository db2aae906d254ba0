using System.Runtime.InteropServices;
using PgFast.Files;
using PgFast.Policies;
using PgFast.Textbook;
using PgFast.Training;

namespace PgFast.Fuzz;

/// <summary>Loads one file and says what became of it; throws where the loader does anything else than it promises.</summary>
internal static class Trial
{
    /// <summary>Bytes that loading may allocate, whatever the file says: a multiple of its size, and the cost of an exception.</summary>
    private static long MostAllocated(int length) => 1_000_000 + 100L * length;

    /// <summary>Loads it.</summary>
    /// <returns>The outcome, and the bytes allocated by the format's loader.</returns>
    /// <exception cref="InvalidOperationException">The loader broke a promise.</exception>
    public static (string Outcome, long Allocated) Run(DamagedFile file)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        SafeTensors? document = null;
        try
        {
            document = SafeTensors.Parse(file.Bytes);
        }
        catch (SafeTensorsException exception)
        {
            RequireMessage(exception);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > MostAllocated(file.Bytes.Length))
            throw new InvalidOperationException($"{allocated} bytes allocated for a file of {file.Bytes.Length}.");
        RequireSame(document, file.Bytes);
        if (document is null)
            return ("no safetensors", allocated);
        return (file.Seed.Textbook is { } trainer ? Textbook(document, trainer) : $"{Policy(document)}, {Checkpoint(document, file)}", allocated);
    }

    private static void RequireSame(SafeTensors? document, byte[] bytes)
    {
        Dictionary<string, (long[] Shape, byte[] Bytes)>? plain = PlainReader.Read(bytes, out Dictionary<string, string> metadata);
        if (document is null != plain is null)
            throw new InvalidOperationException(document is null ? "A sound file was refused." : "A file that breaks the format was accepted.");
        if (document is null)
            return;
        bool isSame = document.Tensors.Count == plain!.Count && document.Metadata.Count == metadata.Count
            && metadata.All(entry => document.Metadata[entry.Key] == entry.Value)
            && document.Tensors.All(tensor => plain.TryGetValue(tensor.Name, out (long[] Shape, byte[] Bytes) other)
                && other.Shape.SequenceEqual(tensor.Shape.ToArray().Select(size => (long)size))
                && MemoryMarshal.AsBytes(tensor.Values).SequenceEqual(other.Bytes));
        if (!isSame)
            throw new InvalidOperationException("The file was read as something else than it holds.");
    }

    private static string Policy(SafeTensors document)
    {
        PolicyFile file;
        try
        {
            file = PolicyFile.FromSafeTensors(document);
        }
        catch (SafeTensorsException exception)
        {
            RequireMessage(exception);
            return "no policy";
        }

        PolicyFile again = PolicyFile.FromSafeTensors(SafeTensors.Parse(file.ToSafeTensors().ToArray()));
        if (!again.Parameters.SequenceEqual(file.Parameters) || again.Shape.ToString() != file.Shape.ToString())
            throw new InvalidOperationException("A policy that was saved again is another one.");
        using Policy policy = file.CreatePolicy();
        return "policy";
    }

    private static string Checkpoint(SafeTensors document, DamagedFile file)
    {
        CheckpointFile checkpoint;
        try
        {
            checkpoint = CheckpointFile.FromSafeTensors(document);
        }
        catch (SafeTensorsException exception)
        {
            RequireMessage(exception);
            return "no checkpoint";
        }

        byte[] saved = checkpoint.ToSafeTensors().ToArray();
        if (!CheckpointFile.FromSafeTensors(SafeTensors.Parse(saved)).ToSafeTensors().ToArray().AsSpan().SequenceEqual(saved))
            throw new InvalidOperationException("A checkpoint that was saved again is another one.");
        if (file.Seed.Trainer is not { } trainer)
            return "checkpoint";
        try
        {
            trainer.RestoreCheckpoint(checkpoint.Checkpoint);
        }
        catch (ArgumentException exception)
        {
            RequireMessage(exception);
            return "checkpoint of another run";
        }

        try
        {
            trainer.Update();
        }
        catch (Exception exception) when (exception is NonFiniteException or StandardDeviationException)
        {
            RequireMessage(exception);
            return "checkpoint that diverges";
        }

        return "checkpoint that goes on";
    }

    private static string Textbook(SafeTensors document, TextbookTrainer trainer)
    {
        TextbookCheckpointFile checkpoint;
        try
        {
            checkpoint = TextbookCheckpointFile.FromSafeTensors(document);
        }
        catch (SafeTensorsException exception)
        {
            RequireMessage(exception);
            return "no textbook checkpoint";
        }

        try
        {
            trainer.RestoreCheckpoint(checkpoint.Checkpoint);
        }
        catch (ArgumentException exception)
        {
            RequireMessage(exception);
            return "textbook checkpoint of other runs";
        }

        // Parameters that are not finite are no error here: a run that diverges is a result of the book's.
        trainer.Train();
        return "textbook checkpoint that goes on";
    }

    private static void RequireMessage(Exception exception)
    {
        // A line that one can read, whatever the file would like to say.
        if (exception.Message.Length is < 10 or > 500 || exception.Message.Any(char.IsControl))
            throw new InvalidOperationException($"An error of {exception.Message.Length} characters is no line to read.", exception);
    }
}
