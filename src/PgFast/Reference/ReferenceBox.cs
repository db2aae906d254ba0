using PgFast.Randomness;

namespace PgFast.Reference;

/// <summary>An episode of some environment, in progress.</summary>
public interface IReferenceTask
{
    /// <summary>What the policy sees now, as a new array [feature].</summary>
    double[] Observation { get; }

    /// <summary>Acts once.</summary>
    /// <param name="action">From 0.</param>
    ReferenceStep Step(int action);
}

/// <summary>The short corridor with switched actions, Sutton and Barto (2018), example 13.1, with the engine's step limit.</summary>
public sealed class ReferenceCorridor : IReferenceTask
{
    /// <summary>Steps after which an episode is truncated.</summary>
    public const int StepLimit = 10_000;

    private int _state;
    private int _elapsedSteps;

    /// <inheritdoc/>
    public double[] Observation => [1.0];

    /// <inheritdoc/>
    public ReferenceStep Step(int action)
    {
        bool goesRight = (action == 1) != (_state == 1);
        _state = Math.Max(0, _state + (goesRight ? 1 : -1));
        _elapsedSteps++;
        return new ReferenceStep(-1.0, _state == 3, _elapsedSteps >= StepLimit);
    }
}

/// <summary>The boxes on pages 328 and 330 of Sutton and Barto (2018), line by line, in double precision.</summary>
/// <remarks>
/// Preferences h(s, a) = θ_a · x(s) and values v̂(s, w) = w · x(s) are linear; x(s) is the observation. The action of step t is drawn with word
/// t mod 4 of block t / 4 of the stream that run and episode count. Not thread-safe.
/// </remarks>
public sealed class ReferenceBox
{
    private readonly int _actions;
    private readonly ulong _seed;
    private readonly ulong _run;

    /// <summary>A run that stands before its first episode.</summary>
    /// <param name="actions">Number of actions.</param>
    /// <param name="parameters">θ [action][feature] at the start; copied.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="run">Number of the run.</param>
    public ReferenceBox(int actions, double[] parameters, ulong seed, int run)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        _actions = actions;
        _seed = seed;
        _run = (ulong)run;
        Parameters = [.. parameters];
        ValueParameters = new double[parameters.Length / actions];
    }

    /// <summary>α (α^θ beside a baseline).</summary>
    public double StepSize { get; set; }

    /// <summary>α^w; null for the box without a baseline.</summary>
    public double? ValueStepSize { get; set; }

    /// <summary>γ.</summary>
    public double Discount { get; init; } = 1.0;

    /// <summary>What probabilities of two actions are limited by; 0 for the box as it is printed.</summary>
    public double MinimumProbability { get; init; }

    /// <summary>θ [action][feature] as it is now.</summary>
    public double[] Parameters { get; }

    /// <summary>w [feature] as it is now; zeros without a baseline.</summary>
    public double[] ValueParameters { get; }

    /// <summary>Number of episodes done.</summary>
    public int EpisodeCount { get; private set; }

    /// <summary>The body of the box's outer loop.</summary>
    /// <param name="task">A new episode.</param>
    /// <returns>The episode.</returns>
    public ReferenceEpisode Episode(IReferenceTask task)
    {
        ArgumentNullException.ThrowIfNull(task);

        // Generate an episode S_0, A_0, R_1, …, S_{T−1}, A_{T−1}, R_T, following π(·|·, θ).
        List<double[]> observations = [];
        List<int> actions = [];
        List<double> rewards = [];
        ReferenceStep step = default;
        for (int t = 0; !(step.Terminated || step.Truncated); t++)
        {
            double[] observation = task.Observation;
            ulong id = _run << 32 | (uint)EpisodeCount;
            double uniform = Philox.Uniform(Philox.Generate(_seed, RandomStream.TextbookAction, id, (uint)(t / 4))[t % 4]);
            int action = Sample(observation, uniform);
            step = task.Step(action);
            observations.Add(observation);
            actions.Add(action);
            rewards.Add(step.Reward);
        }

        // Loop for each step of the episode t = 0, 1, …, T − 1.
        for (int t = 0; t < rewards.Count; t++)
        {
            // G ← Σ_{k=t+1}^{T} γ^{k−t−1} R_k
            double g = 0.0;
            for (int k = rewards.Count - 1; k >= t; k--)
            {
                g = rewards[k] + Discount * g;
            }

            // δ ← G − v̂(S_t, w);  w ← w + α^w δ ∇v̂(S_t, w)
            double[] x = observations[t];
            double delta = g;
            if (ValueStepSize is double valueStepSize)
            {
                delta -= x.Zip(ValueParameters, (feature, weight) => feature * weight).Sum();
                for (int i = 0; i < x.Length; i++)
                {
                    ValueParameters[i] += valueStepSize * delta * x[i];
                }
            }

            // θ ← θ + α γ^t δ ∇ln π(A_t|S_t, θ), with ∇ln π = x(s, a) − Σ_b π(b|s, θ) x(s, b)  (eq. 13.9)
            double[] probabilities = Probabilities(x);
            for (int a = 0; a < _actions; a++)
            {
                double score = (a == actions[t] ? 1.0 : 0.0) - probabilities[a];
                for (int i = 0; i < x.Length; i++)
                {
                    Parameters[a * x.Length + i] += StepSize * Math.Pow(Discount, t) * delta * score * x[i];
                }
            }
        }

        EpisodeCount++;
        return new ReferenceEpisode([.. observations], [.. actions], [.. rewards], step.Terminated, step.Truncated);
    }

    /// <summary>π(·|s, θ).</summary>
    /// <param name="observation">[feature].</param>
    /// <returns>[action].</returns>
    public double[] Probabilities(double[] observation)
    {
        double[] probabilities = ReferenceSoftmax.Probabilities(Preferences(observation));
        return MinimumProbability == 0.0
            ? probabilities
            : Array.ConvertAll(probabilities, p => Math.Clamp(p, MinimumProbability, 1.0 - MinimumProbability));
    }

    private int Sample(double[] observation, double uniform) => MinimumProbability == 0.0
        ? ReferenceSoftmax.Sample(Preferences(observation), uniform)
        : uniform < Probabilities(observation)[1] ? 1 : 0;

    private double[] Preferences(double[] observation)
    {
        ArgumentNullException.ThrowIfNull(observation);
        double[] preferences = new double[_actions];
        for (int a = 0; a < _actions; a++)
        {
            for (int i = 0; i < observation.Length; i++)
            {
                preferences[a] += Parameters[a * observation.Length + i] * observation[i];
            }
        }

        return preferences;
    }
}
