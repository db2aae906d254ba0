using System.Globalization;
using PgFast.Files;
using PgFast.Training;

namespace PgFast.Cli.Runs;

/// <summary>The files from which a policy acts and a run goes on.</summary>
internal static class RunState
{
    /// <summary>The newest state of a run: a policy, and all that its later updates depend on.</summary>
    public const string CheckpointName = "checkpoint.safetensors";

    private const string SecondsNote = "trainSeconds";
    private const string EvaluationNote = "evaluationDue";

    /// <summary>Saves the trainer's policy, replacing an earlier file of that name in one piece.</summary>
    /// <exception cref="IOException">It cannot be written; the message names it.</exception>
    public static void SavePolicy(Trainer trainer, string environment, string path) => Named(path, () => PolicyFile.FromTrainer(trainer, environment).Save(path));

    /// <summary>Saves the run's state, replacing an earlier one in one piece.</summary>
    /// <param name="trainer">Between two updates.</param>
    /// <param name="environment">Its name.</param>
    /// <param name="start">What the trainer does not know.</param>
    /// <param name="evaluated">Episodes of an evaluation that is to be made again when the run is gone on with.</param>
    /// <param name="path">Where to.</param>
    /// <exception cref="IOException">It cannot be written; the message names it.</exception>
    public static void SaveCheckpoint(Trainer trainer, string environment, RunStart start, int evaluated, string path) => Named(path, () =>
    {
        TrainerCheckpoint checkpoint = trainer.CaptureCheckpoint();
        checkpoint = checkpoint with { EvaluationEpisodes = checkpoint.EvaluationEpisodes - (ulong)evaluated };
        CheckpointFile file = new(PolicyFile.FromTrainer(trainer, environment), checkpoint)
        {
            Notes = new Dictionary<string, string>(SecondsOf(start.Seconds)) { [EvaluationNote] = start.IsEvaluationDue ? "yes" : "no" },
        };
        file.Save(path);
    });

    /// <summary>What a file says beyond the trainer's own state.</summary>
    public static RunStart StartOf(CheckpointFile file) => new(SecondsIn(file.Notes), file.Notes.GetValueOrDefault(EvaluationNote) == "yes");

    /// <summary>The time spent so far, as a note beside a state.</summary>
    public static Dictionary<string, string> SecondsOf(double seconds) => new() { [SecondsNote] = seconds.ToString("R", CultureInfo.InvariantCulture) };

    /// <summary>The time in the notes beside a state; 0 if there is none.</summary>
    public static double SecondsIn(IReadOnlyDictionary<string, string> notes) =>
        double.TryParse(notes.GetValueOrDefault(SecondsNote), NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds)
        && double.IsFinite(seconds) && seconds >= 0 ? seconds : 0;

    /// <summary>A file that grows beyond what its system or a limit allows is reported as an argument that is out of range.</summary>
    public static bool IsOfFiles(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException;

    /// <summary>Writes a file; what goes wrong is an error that names it.</summary>
    /// <exception cref="IOException">It cannot be written; the message names it.</exception>
    public static void Named(string path, Action write)
    {
        try
        {
            write();
        }
        catch (Exception exception) when (IsOfFiles(exception))
        {
            throw new IOException($"'{path}' could not be written: {exception.Message}", exception);
        }
    }
}
