namespace PgFast.Training;

// Stopping and going on.
public partial class Trainer
{
    /// <summary>All that later updates depend on, as a copy. Not while an update runs.</summary>
    public TrainerCheckpoint CaptureCheckpoint()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new TrainerCheckpoint
        {
            Options = OptionsText.Of(Environment.Name, Options),
            Parameters = Parameters.ToArray(),
            Optimizer = _optimizer.CaptureState(),
            UpdateCount = UpdateCount,
            EpisodeCount = EpisodeCount,
            EnvironmentSteps = EnvironmentSteps,
            EvaluationEpisodes = _evaluator!.NextEpisode,
            Observations = _observations?.CaptureState(),
            Value = _value?.CaptureState(),
        };
    }

    /// <summary>Takes the place of a run that was stopped: what follows has the bits that it would have had.</summary>
    /// <param name="checkpoint">Of a trainer with the same environment and options; threads and measurements may differ.</param>
    /// <exception cref="ArgumentException">
    /// It was made with other options, whose first the message names, or a value in it is out of range. Parts of the checkpoint may have been taken over:
    /// the trainer is of no further use.
    /// </exception>
    public void RestoreCheckpoint(TrainerCheckpoint checkpoint)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(checkpoint);
        OptionsText.RequireSame(checkpoint.Options, OptionsText.Of(Environment.Name, Options));
        if (checkpoint.UpdateCount < 0 || checkpoint.EpisodeCount < 0 || checkpoint.EnvironmentSteps < 0)
            throw new ArgumentException("A count of the checkpoint is negative.", nameof(checkpoint));
        if (checkpoint.Observations is null != _observations is null || checkpoint.Value is null != _value is null)
            throw new ArgumentException("The checkpoint lacks a part that the options ask for, or has one too many.", nameof(checkpoint));
        SetParameters(checkpoint.Parameters);
        _optimizer.RestoreState(checkpoint.Optimizer);
        _observations?.RestoreState(checkpoint.Observations!);
        _value?.RestoreState(checkpoint.Value!);
        _evaluator!.NextEpisode = checkpoint.EvaluationEpisodes;
        (UpdateCount, EpisodeCount, EnvironmentSteps) = (checkpoint.UpdateCount, checkpoint.EpisodeCount, checkpoint.EnvironmentSteps);
    }
}
