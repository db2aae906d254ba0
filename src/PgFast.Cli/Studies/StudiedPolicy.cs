using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;

namespace PgFast.Cli.Studies;

/// <summary>A policy to be measured.</summary>
/// <param name="Path">Its file; null for a fresh initialisation.</param>
/// <param name="Shape">Its network.</param>
/// <param name="Parameters">[ParameterCount], in file order.</param>
/// <param name="Update">Updates it was trained for, if known.</param>
/// <param name="Seed">Seed of the study's random numbers.</param>
internal sealed record StudiedPolicy(string? Path, NetworkShape Shape, float[] Parameters, long? Update, ulong Seed)
{
    /// <summary>What its observations are scaled by; null for nothing.</summary>
    public ObservationScaling? ObservationScaling { get; init; }

    /// <summary>V that its training learned; null where its file has none.</summary>
    public ValueFunction? Value { get; init; }

    /// <summary>What its draws are multiplied by to give the environment's action.</summary>
    public float ActionScale { get; init; } = 1;
}
