namespace PgFast.Checking;

/// <summary>Problems as they are found: the first of each rule is kept, as the others follow from it more often than not.</summary>
internal sealed class ProblemList
{
    private readonly List<EnvironmentProblem> _problems = [];

    public IReadOnlyList<EnvironmentProblem> Found => _problems;

    public bool Has(string rule) => _problems.Any(problem => problem.Rule == rule);

    public void Add(string rule, string message)
    {
        if (!Has(rule))
            _problems.Add(new EnvironmentProblem(rule, message));
    }
}
