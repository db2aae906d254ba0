using PgFast.Numerics;

namespace PgFast.Policies;

/// <summary>Turns network outputs into a distribution over actions, for one row of lanes at a time.</summary>
internal abstract unsafe class PolicyHead : IDisposable
{
    /// <summary>Draws an action in every lane.</summary>
    /// <param name="output">[EffectiveOutputs][lane].</param>
    /// <param name="words">[action row][lane]; a random word each.</param>
    /// <param name="action">[lane] 32-bit integers, or [dimension][lane] floats; overwritten.</param>
    /// <param name="lanes">A multiple of 16.</param>
    public abstract void Sample(float* output, float* words, float* action, int lanes);

    /// <summary>The most probable action in every lane: of equals, the first; of a Gaussian, the mean.</summary>
    /// <param name="output">[EffectiveOutputs][lane].</param>
    /// <param name="action">[lane] 32-bit integers, or [dimension][lane] floats; overwritten.</param>
    /// <param name="lanes">A multiple of 16.</param>
    public abstract void Mode(float* output, float* action, int lanes);

    /// <summary>Computes log π(action) and the entropy of π in every lane.</summary>
    /// <param name="output">[EffectiveOutputs][lane].</param>
    /// <param name="action">[lane] 32-bit integers, or [dimension][lane] floats.</param>
    /// <param name="logProbability">[lane], nats; overwritten.</param>
    /// <param name="entropy">[lane], nats; overwritten.</param>
    /// <param name="lanes">A multiple of 16.</param>
    public abstract void Evaluate(float* output, float* action, float* logProbability, float* entropy, int lanes);

    /// <summary>The gradient of weight'·log π(action) + entropyScale·H by the outputs, with weight' = weight·scale + offset.</summary>
    /// <param name="output">[EffectiveOutputs][lane].</param>
    /// <param name="action">[lane] 32-bit integers, or [dimension][lane] floats.</param>
    /// <param name="weight">[lane].</param>
    /// <param name="scale">See <see cref="ScoreScale"/>.</param>
    /// <param name="gradient">[EffectiveOutputs][lane]; overwritten; may be the same memory as <paramref name="output"/>.</param>
    /// <param name="lanes">A multiple of 16.</param>
    public abstract void Score(float* output, float* action, float* weight, in ScoreScale scale, float* gradient, int lanes);

    public virtual void Dispose()
    {
    }

    /// <summary>The head of a distribution; a softmax over two actions is computed from the difference of their logits.</summary>
    public static PolicyHead Create(ActionDistribution distribution) => LaneWidth.Dispatch<Factory, PolicyHead>(new Factory(distribution));

    private readonly struct Factory(ActionDistribution distribution) : ILaneVisitor<PolicyHead>
    {
        public PolicyHead Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes> => distribution switch
        {
            { IsDiscrete: false } => new Gaussian<TLanes>(distribution.Size),
            { MergesOutputs: true } => new TwoActionSoftmax<TLanes>(),
            _ => new Softmax<TLanes>(distribution.Size),
        };
    }
}

/// <summary>How a step's weight enters the objective: weight·Weight + Offset on log π, Entropy on the entropy.</summary>
/// <param name="Weight">Factor on the weight.</param>
/// <param name="Offset">Added after it.</param>
/// <param name="Entropy">Factor on the entropy's gradient.</param>
internal readonly record struct ScoreScale(float Weight, float Offset, float Entropy);
