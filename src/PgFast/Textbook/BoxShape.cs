namespace PgFast.Textbook;

/// <summary>Sizes of a linear softmax policy h(s, a) = θ_a · x(s) and of the linear values v̂(s) = w · x(s).</summary>
/// <param name="Features">Floats of observation.</param>
/// <param name="Actions">Number of actions.</param>
/// <param name="HasBias">Whether x(s) ends with a constant 1.</param>
internal readonly record struct BoxShape(int Features, int Actions, bool HasBias)
{
    /// <summary>Length of θ: weights [action][feature], then biases [action].</summary>
    public int ParameterCount => Actions * ValueParameterCount;

    /// <summary>Length of w: weights [feature], then the bias.</summary>
    public int ValueParameterCount => Features + (HasBias ? 1 : 0);
}
