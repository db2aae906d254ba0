using PgFast.Environments;

namespace PgFast.Agents;

/// <summary>What a host's entities see and do.</summary>
/// <param name="Name">What the task is called, in files and messages.</param>
/// <param name="ObservationSize">Floats of an observation; at least 1.</param>
/// <param name="Actions">The action space.</param>
/// <param name="MaximumEpisodeSteps">Most steps of an episode that is learnt from: a longer one is cut off there, and goes on as another; at least 1.</param>
public sealed record AgentSpecification(string Name, int ObservationSize, ActionSpace Actions, int MaximumEpisodeSteps);

/// <summary>How a host lays out the numbers of its entities.</summary>
public enum ObservationLayout
{
    /// <summary>[feature][entity]: a feature of all entities lies together. The faster one.</summary>
    FeatureMajor = 0,

    /// <summary>[entity][feature]: an entity's features lie together; transposed on the way.</summary>
    EntityMajor = 1,
}
