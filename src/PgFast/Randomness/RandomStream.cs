namespace PgFast.Randomness;

/// <summary>What a random number is for. Streams never share numbers, whatever the seed.</summary>
/// <remarks>The values are part of the reproducibility contract: they never change, new ones are appended.</remarks>
public enum RandomStream
{
    /// <summary>Initial parameters, counted by parameter index.</summary>
    Initialization = 0,

    /// <summary>Start states, counted by episode.</summary>
    Reset = 1,

    /// <summary>Actions, counted by episode and step.</summary>
    Action = 2,

    /// <summary>Start states of evaluation episodes.</summary>
    EvaluationReset = 3,

    /// <summary>Actions of evaluation episodes.</summary>
    EvaluationAction = 4,

    /// <summary>Resampling for confidence intervals, counted by replicate and task (upper and lower 32 bits) and by run.</summary>
    Bootstrap = 5,

    /// <summary>Start states of the episodes of a variance study.</summary>
    StudyReset = 6,

    /// <summary>Actions of the episodes of a variance study.</summary>
    StudyAction = 7,

    /// <summary>Start states of the pilot episodes that a variance study fits its baselines on.</summary>
    PilotReset = 8,

    /// <summary>Actions of those pilot episodes.</summary>
    PilotAction = 9,

    /// <summary>States from which nested resets start.</summary>
    NestedReset = 10,

    /// <summary>Actions on the way to those states, and after them.</summary>
    NestedAction = 11,

    /// <summary>Start states of the textbook's box, counted by run (upper 32 bits) and episode (lower 32 bits).</summary>
    TextbookReset = 12,

    /// <summary>Actions of the textbook's box, counted in the same way, and by step.</summary>
    TextbookAction = 13,

    /// <summary>Initial parameters of a value network, counted by parameter index.</summary>
    ValueInitialization = 14,
}
