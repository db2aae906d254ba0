using PgFast.Environments;

namespace PgFast.Checking;

/// <summary>Checks that an environment keeps the rules that the engine relies on, and says what is wrong and where.</summary>
/// <remarks>
/// Random actions in 64 lanes of random episodes, with guarded memory: what is left unwritten, written beside its rows, not finite, different at a second call, at another
/// place or width, on another thread, or allocated. It finds what it happens to meet: a check that passes is no proof.
/// </remarks>
public static class EnvironmentChecker
{
    /// <summary>Rows of 64 lanes that a check steps through by default.</summary>
    public const int DefaultSteps = 1000;

    /// <summary>Checks an environment that is written for lanes.</summary>
    /// <typeparam name="TEnvironment">The environment.</typeparam>
    /// <param name="steps">Steps of each of 64 lanes, at least 1.</param>
    /// <param name="seed">Seed of start states and actions.</param>
    /// <returns>What was found; see <see cref="EnvironmentCheck.ThrowIfFailed"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="steps"/> is below 1.</exception>
    public static EnvironmentCheck Check<TEnvironment>(int steps = DefaultSteps, ulong seed = 1)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment> => Check<TEnvironment>(typeof(TEnvironment).Name, steps, seed);

    /// <summary>
    /// Checks an environment that is written for one episode at a time; its spans hold no number before a call, so that what it leaves unwritten shows.
    /// </summary>
    /// <typeparam name="TScalar">The environment.</typeparam>
    /// <inheritdoc cref="Check{TEnvironment}(int, ulong)"/>
    public static EnvironmentCheck CheckScalar<TScalar>(int steps = DefaultSteps, ulong seed = 1) where TScalar : struct, IScalarEnvironment<TScalar> =>
        Check<WatchedScalar<TScalar>>(typeof(TScalar).Name, steps, seed);

    private static EnvironmentCheck Check<TEnvironment>(string name, int steps, ulong seed) where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        ProblemList problems = new();
        try
        {
            if (CheckSpecification<TEnvironment>(problems) is { } specification)
                name = specification.Name;
            if (problems.Found.Count > 0)
                return new EnvironmentCheck(name, problems.Found, 0, 0, 0, float.NaN, float.NaN);
            ResetChecks<TEnvironment>.Run(problems, seed);
            if (problems.Has(Rules.Exceptions))
                return new EnvironmentCheck(name, problems.Found, 0, 0, 0, float.NaN, float.NaN);
            using StepChecks<TEnvironment> walk = new(problems, seed);
            walk.Run(steps);
            if (problems.Found.Count == 0)
                ThreadChecks<TEnvironment>.Run(problems, seed);
            return walk.Result(name);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            problems.Add(Rules.Exceptions, CallException.TextOf(exception));
            return new EnvironmentCheck(name, problems.Found, 0, 0, 0, float.NaN, float.NaN);
        }
    }

    private static EnvironmentSpecification? CheckSpecification<TEnvironment>(ProblemList problems)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        EnvironmentSpecification? specification = TEnvironment.Specification;
        if (specification is null)
        {
            problems.Add(Rules.Specification, "Specification is null");
            return null;
        }

        try
        {
            specification.Validate();
        }
        catch (ArgumentException exception)
        {
            problems.Add(Rules.Specification, exception.Message);
        }

        if (!ReferenceEquals(specification, TEnvironment.Specification))
            problems.Add(Rules.Specification, "every call of Specification makes another object; keep one: public static EnvironmentSpecification Specification { get; } = new(…)");
        return specification;
    }
}
