using PgFast.Networks;

namespace PgFast.Measurement;

/// <summary>A kernel of an update, or the phase that it is a part of.</summary>
public enum Kernel
{
    /// <summary>The network's outputs from observations, with what it records for the gradient.</summary>
    Forward = 0,

    /// <summary>Actions from outputs and random words.</summary>
    Sampling = 1,

    /// <summary>A step of the environment.</summary>
    Physics = 2,

    /// <summary>Random words of the actions.</summary>
    RandomWords = 3,

    /// <summary>The whole phase that these four belong to, with recording, episodes that end and others that start.</summary>
    Rollout = 4,

    /// <summary>Returns from rewards.</summary>
    Returns = 5,

    /// <summary>The gradient of log π by the outputs, times the weights.</summary>
    Score = 6,

    /// <summary>The network's gradient from that.</summary>
    Gradient = 7,

    /// <summary>Keeping every step of the rollout: its cost less that of one that overwrites its last two rows.</summary>
    Recording = 8,

    /// <summary>The optimizer's step, Adam's, shared out among the environment steps of 64 episodes.</summary>
    Update = 9,
}

/// <summary>What a kernel costs.</summary>
/// <param name="Network">Sizes such as <c>4-32-2</c>.</param>
/// <param name="Activation">Non-linearity of the hidden layers.</param>
/// <param name="Kernel">Which kernel.</param>
/// <param name="CyclesPerStep">
/// Cycles an environment step. A cycle is the time of two multiply-adds of a whole register, measured alternately with the kernel.
/// </param>
/// <param name="MultiplyAddCyclesPerStep">
/// A lower bound: the cycles of the useful multiply-adds alone, for the network as written. 0 where there are none. A kernel may pass it where it needs
/// fewer: of two actions it computes one difference, and a ReLU layer's gradient is made of additions.
/// </param>
public sealed record KernelCost(string Network, Activation Activation, Kernel Kernel, double CyclesPerStep, double MultiplyAddCyclesPerStep);
