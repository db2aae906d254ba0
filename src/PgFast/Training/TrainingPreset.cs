namespace PgFast.Training;

/// <summary>A named set of options for an environment, where the default set serves another purpose.</summary>
/// <param name="Name">Lower-case with hyphens, such as <c>fastest</c>.</param>
/// <param name="Purpose">What it is for, in a few words.</param>
/// <param name="Options">The options.</param>
public sealed record TrainingPreset(string Name, string Purpose, TrainerOptions Options);
