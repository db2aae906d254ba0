namespace PgFast.Comparison.Vectorized;

/// <summary>Steps of episodes, a feature in an array of its own.</summary>
internal readonly ref struct Features(ReadOnlySpan<float> position, ReadOnlySpan<float> velocity, ReadOnlySpan<float> angle, ReadOnlySpan<float> rate)
{
    /// <summary>[step], m.</summary>
    public ReadOnlySpan<float> Position { get; } = position;

    /// <summary>[step], m/s.</summary>
    public ReadOnlySpan<float> Velocity { get; } = velocity;

    /// <summary>[step], rad.</summary>
    public ReadOnlySpan<float> Angle { get; } = angle;

    /// <summary>[step], rad/s.</summary>
    public ReadOnlySpan<float> Rate { get; } = rate;

    /// <summary>Number of steps.</summary>
    public int Count => Position.Length;

    /// <summary>The same of a part of the steps.</summary>
    public Features Slice(int start, int length) =>
        new(Position.Slice(start, length), Velocity.Slice(start, length), Angle.Slice(start, length), Rate.Slice(start, length));
}
