using System.Numerics.Tensors;

namespace PgFast.Comparison.Vectorized;

/// <summary>Whole episodes of CartPole-v1 side by side, live steps alone, packed one after the other.</summary>
/// <remarks>
/// A step of the episodes that still run is a segment of the arrays; the next one follows it, shorter by the episodes that have ended. So every
/// operation is one over a segment, none touches an ended episode, and what is recorded needs no mask afterwards.
/// </remarks>
internal sealed class VectorRollout
{
    public const int StepLimit = 500;

    private const float TotalMass = 1.1f, PoleMass = 0.1f, HalfPoleLength = 0.5f, Gravity = 9.8f, Force = 10, TimeStep = 0.02f;
    private const float PoleTerm = PoleMass * HalfPoleLength / TotalMass;
    private const float PositionLimit = 2.4f, AngleLimit = (float)(12 * 2 * Math.PI / 360);
    private const float ResetLimit = 0.05f;

    private readonly int _episodes;
    private readonly float[] _position, _velocity, _angle, _rate, _score;
    private readonly int[] _episode, _starts = new int[StepLimit + 1];
    private readonly float[] _push, _half, _logit, _probability, _margin, _sin, _cos, _temp, _other, _running;
    private int _steps;

    /// <summary>Allocates all memory.</summary>
    /// <param name="episodes">Episodes of a rollout.</param>
    public VectorRollout(int episodes)
    {
        _episodes = episodes;
        int capacity = (StepLimit + 1) * episodes;
        (_position, _velocity, _angle, _rate, _score) =
            (new float[capacity], new float[capacity], new float[capacity], new float[capacity], new float[capacity]);
        _episode = new int[capacity];
        (_push, _half) = (new float[episodes], new float[episodes]);
        (_logit, _probability, _margin) = (new float[episodes], new float[episodes], new float[episodes]);
        (_sin, _cos, _temp, _other, _running) =
            (new float[episodes], new float[episodes], new float[episodes], new float[episodes], new float[episodes]);
        Array.Fill(_push, Force / TotalMass);
        Array.Fill(_half, 0.5f);
    }

    /// <summary>Steps of all episodes.</summary>
    public int Steps { get; private set; }

    /// <summary>Mean return, which is the mean length: a step's reward is 1.</summary>
    public double MeanReturn => (double)Steps / _episodes;

    /// <summary>[Steps] each.</summary>
    public Features Features => Segment(0, Steps);

    /// <summary>[Steps]; ∂ log π(a|s) / ∂z = a − π(1|s).</summary>
    public ReadOnlySpan<float> Scores => _score.AsSpan(0, Steps);

    /// <summary>[Steps]; which episode a step belongs to. An episode's steps are in their order.</summary>
    public ReadOnlySpan<int> EpisodeOfStep => _episode.AsSpan(0, Steps);

    /// <summary>Plays the episodes.</summary>
    public void Run(VectorNetwork network, SplitMix random)
    {
        foreach (float[] feature in (ReadOnlySpan<float[]>)[_position, _velocity, _angle, _rate])
        {
            Span<float> start = feature.AsSpan(0, _episodes);
            random.Fill(start);
            TensorPrimitives.Multiply(start, 2 * ResetLimit, start);
            TensorPrimitives.Subtract(start, ResetLimit, start);
        }

        for (int episode = 0; episode < _episodes; episode++)
            _episode[episode] = episode;
        int count = _episodes, step = 0;
        _starts[0] = 0;
        for (; count > 0 && step < StepLimit; step++)
        {
            int start = _starts[step], next = start + count;
            Act(network, random, start, count);
            Advance(start, next, count, _margin);
            Array.Copy(_episode, start, _episode, next, count);
            _starts[step + 1] = next;
            count = DropEnded(next, count);
        }

        Steps = _starts[step];
        _steps = step;
    }

    /// <summary>Computes rewards-to-go G_t = 1 + γ·G_(t+1).</summary>
    /// <param name="discount">γ.</param>
    /// <param name="returns">[Steps]; overwritten.</param>
    public void RewardsToGo(float discount, Span<float> returns)
    {
        _running.AsSpan().Clear();
        for (int step = _steps - 1; step >= 0; step--)
        {
            for (int i = _starts[step]; i < _starts[step + 1]; i++)
                returns[i] = _running[_episode[i]] = 1 + discount * _running[_episode[i]];
        }
    }

    /// <summary>Sets the state of every episode and steps once, for comparisons.</summary>
    /// <param name="states">[episode][4].</param>
    /// <param name="actions">[episode], 0 or 1.</param>
    /// <returns>[episode][4], and whether it has ended.</returns>
    internal (float[] State, bool Ended)[] StepOnce(float[][] states, int[] actions)
    {
        float[] margin = new float[_episodes];
        for (int i = 0; i < _episodes; i++)
            (_position[i], _velocity[i], _angle[i], _rate[i], margin[i]) = (states[i][0], states[i][1], states[i][2], states[i][3], actions[i] - 0.5f);
        Advance(0, _episodes, _episodes, margin);
        return
        [
            .. Enumerable.Range(_episodes, _episodes).Select(i => ((float[])[_position[i], _velocity[i], _angle[i], _rate[i]], IsEnded(i))),
        ];
    }

    private void Act(VectorNetwork network, SplitMix random, int start, int count)
    {
        Span<float> logit = _logit.AsSpan(0, count), probability = _probability.AsSpan(0, count), margin = _margin.AsSpan(0, count);
        network.Forward(Segment(start, count), logit);
        TensorPrimitives.Sigmoid<float>(logit, probability);
        random.Fill(margin);
        // Action 1 where u < π(1|s): where the margin is positive.
        TensorPrimitives.Subtract(probability, margin, margin);
        Span<float> score = _score.AsSpan(start, count);
        TensorPrimitives.CopySign(_half.AsSpan(0, count), margin, score);
        TensorPrimitives.Add(score, 0.5f, score);
        TensorPrimitives.Subtract(score, probability, score);
    }

    /// <summary>Explicit Euler, from one segment to another.</summary>
    private void Advance(int from, int to, int count, float[] margins)
    {
        Features now = Segment(from, count);
        Span<float> sin = _sin.AsSpan(0, count), cos = _cos.AsSpan(0, count), temp = _temp.AsSpan(0, count), other = _other.AsSpan(0, count);
        // SinCos of TensorPrimitives goes number by number, these two do not.
        TensorPrimitives.Sin(now.Angle, sin);
        TensorPrimitives.Cos(now.Angle, cos);

        // temp = (F + m·l·ω²·sin) / M
        TensorPrimitives.CopySign(_push.AsSpan(0, count), margins.AsSpan(0, count), temp);
        TensorPrimitives.Multiply(now.Rate, now.Rate, other);
        TensorPrimitives.Multiply(other, sin, other);
        TensorPrimitives.MultiplyAdd(other, PoleTerm, temp, temp);

        // ω′ = (g·sin − cos·temp) / (4/3·l − m·l/M·cos²)
        TensorPrimitives.Multiply(sin, Gravity, sin);
        TensorPrimitives.Multiply(cos, temp, other);
        TensorPrimitives.Subtract(sin, other, sin);
        TensorPrimitives.Multiply(cos, cos, other);
        TensorPrimitives.Multiply(other, -PoleTerm, other);
        TensorPrimitives.Add(other, HalfPoleLength * 4 / 3, other);
        TensorPrimitives.Divide(sin, other, sin);

        // v′ = temp − m·l/M·ω′·cos
        TensorPrimitives.Multiply(sin, cos, cos);
        TensorPrimitives.MultiplyAdd(cos, -PoleTerm, temp, temp);

        TensorPrimitives.MultiplyAdd(now.Velocity, TimeStep, now.Position, _position.AsSpan(to, count));
        TensorPrimitives.MultiplyAdd(temp, TimeStep, now.Velocity, _velocity.AsSpan(to, count));
        TensorPrimitives.MultiplyAdd(now.Rate, TimeStep, now.Angle, _angle.AsSpan(to, count));
        TensorPrimitives.MultiplyAdd(sin, TimeStep, now.Rate, _rate.AsSpan(to, count));
    }

    /// <summary>Moves the last running episodes of a segment into the places of those that have ended.</summary>
    private int DropEnded(int start, int count)
    {
        bool anyEnded = MathF.Abs(TensorPrimitives.MaxMagnitude<float>(_position.AsSpan(start, count))) > PositionLimit
            || MathF.Abs(TensorPrimitives.MaxMagnitude<float>(_angle.AsSpan(start, count))) > AngleLimit;
        if (!anyEnded)
            return count;
        for (int i = start; i < start + count;)
        {
            if (!IsEnded(i))
            {
                i++;
                continue;
            }

            int last = start + --count;
            (_position[i], _velocity[i], _angle[i], _rate[i], _episode[i]) = (_position[last], _velocity[last], _angle[last], _rate[last], _episode[last]);
        }

        return count;
    }

    private bool IsEnded(int i) => MathF.Abs(_position[i]) > PositionLimit || MathF.Abs(_angle[i]) > AngleLimit;

    private Features Segment(int start, int count) =>
        new(_position.AsSpan(start, count), _velocity.AsSpan(start, count), _angle.AsSpan(start, count), _rate.AsSpan(start, count));
}
