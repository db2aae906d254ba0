namespace PgFast.Reference;

/// <summary>What a variance study subtracts from the return.</summary>
public enum ReferenceStudyBaseline
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The mean of G_0 over the batch's other episodes; in a batch of one, the given number.</summary>
    Mean,

    /// <summary>The mean return of the batch's other episodes still running at t; in a batch of one, the given numbers.</summary>
    Time,

    /// <summary>A given constant for each estimator.</summary>
    Optimal,

    /// <summary>A given constant for each estimator and parameter.</summary>
    OptimalPerParameter,

    /// <summary>Linear in features of observation and time, with given coefficients.</summary>
    Linear,

    /// <summary>A given function of observation and time.</summary>
    Value,
}

/// <summary>Baselines as fixed numbers: given, or fitted on other episodes than those that they are used on.</summary>
public sealed record ReferenceBaselines
{
    /// <summary>Steps that fewer pilot episodes reach share one mean.</summary>
    public const int FewestEpisodes = 32;

    /// <summary>Of the ridge regression, relative to the sum of squares of each feature.</summary>
    public const double Ridge = 1e-6;

    private const double ObservationLimit = 10.0;
    private const double StepsPerUnit = 100.0;

    /// <summary>For <see cref="ReferenceStudyBaseline.Mean"/> in a batch of one.</summary>
    public double Mean { get; init; }

    /// <summary>[estimator].</summary>
    public double[] Optimal { get; init; } = new double[3];

    /// <summary>[estimator][parameter].</summary>
    public double[][] PerParameter { get; init; } = [[], [], []];

    /// <summary>[time], for G_0 as return; in a batch of one.</summary>
    public double[] TimeTotal { get; init; } = [];

    /// <summary>[time], for G_t as return; in a batch of one.</summary>
    public double[] TimeToGo { get; init; } = [];

    /// <summary>[feature]: coefficients for G_0 as return.</summary>
    public double[] LinearTotal { get; init; } = [];

    /// <summary>[feature]: coefficients for G_t as return.</summary>
    public double[] LinearToGo { get; init; } = [];

    /// <summary>The latest step that the linear baseline was fitted on; it takes later ones for that.</summary>
    public int LastStep { get; init; } = int.MaxValue;

    /// <summary>V for G_0 as return; null for 0.</summary>
    public ReferenceValue? ValueTotal { get; init; }

    /// <summary>V for G_t as return; null for 0.</summary>
    public ReferenceValue? ValueToGo { get; init; }

    /// <summary>The features of a step: o, o², τ, τ², τ³ and 1, with o limited to ±10 and τ = t/100.</summary>
    /// <param name="observation">[feature].</param>
    /// <param name="time">t.</param>
    /// <param name="lastStep">The latest t that counts.</param>
    public static double[] Features(double[] observation, int time, int lastStep)
    {
        double[] o = Array.ConvertAll(observation, value => Math.Clamp(value, -ObservationLimit, ObservationLimit));
        double tau = Math.Min(time, lastStep) / StepsPerUnit;
        return [.. o, .. o.Select(value => value * value), tau, tau * tau, tau * tau * tau, 1.0];
    }

    /// <summary>Fits all baselines on a pilot sample.</summary>
    /// <param name="pilot">Episodes that are used for nothing else.</param>
    /// <param name="discount">γ in [0, 1].</param>
    /// <param name="stepLimit">Steps of the longest possible episode.</param>
    public static ReferenceBaselines Fit(IReadOnlyList<ReferenceScoredEpisode> pilot, double discount, int stepLimit)
    {
        ArgumentNullException.ThrowIfNull(pilot);
        double[][] toGo = [.. pilot.Select(p => ReferenceReturns.RewardsToGo(p.Episode.Rewards, discount))];
        double[][] total = Array.ConvertAll(toGo, g => Array.ConvertAll(g, _ => g[0]));
        int lastStep = toGo.Max(g => g.Length) - 1;
        ReferenceEstimator[] estimators = Enum.GetValues<ReferenceEstimator>();
        (double Optimal, double[] PerParameter)[] constants = Array.ConvertAll(estimators, e => FitConstants(pilot, toGo, discount, e));
        return new ReferenceBaselines
        {
            Mean = toGo.Average(g => g[0]),
            Optimal = Array.ConvertAll(constants, c => c.Optimal),
            PerParameter = Array.ConvertAll(constants, c => c.PerParameter),
            TimeTotal = FitTime(total, stepLimit),
            TimeToGo = FitTime(toGo, stepLimit),
            LinearTotal = FitLinear(pilot, total, lastStep),
            LinearToGo = FitLinear(pilot, toGo, lastStep),
            LastStep = lastStep,
        };
    }

    /// <summary>
    /// The constants of least variance. With g an episode's gradient without baseline and s what a baseline of 1 subtracts from it,
    /// b = E[⟨g, s⟩] / E[‖s‖²] (Weaver and Tao 2001), and b_h = E[g_h s_h] / E[s_h²] for parameter h alone (Peters and Schaal 2008).
    /// </summary>
    private static (double Optimal, double[] PerParameter) FitConstants(
        IReadOnlyList<ReferenceScoredEpisode> pilot, double[][] toGo, double discount, ReferenceEstimator estimator)
    {
        int parameterCount = pilot[0].Scores[0].Length;
        double[] products = new double[parameterCount];
        double[] squares = new double[parameterCount];
        for (int i = 0; i < pilot.Count; i++)
        {
            double[] factors = [.. toGo[i].Select((_, t) => estimator == ReferenceEstimator.Discounted ? Math.Pow(discount, t) : 1.0)];
            double[] values = [.. toGo[i].Select((g, t) => factors[t] * (estimator == ReferenceEstimator.Total ? toGo[i][0] : g))];
            double[] gradient = pilot[i].Sum(values);
            double[] subtracted = pilot[i].Sum(factors);
            for (int h = 0; h < parameterCount; h++)
            {
                products[h] += gradient[h] * subtracted[h];
                squares[h] += subtracted[h] * subtracted[h];
            }
        }

        double[] each = [.. products.Select((product, h) => squares[h] > 0.0 ? product / squares[h] : 0.0)];
        return (squares.Sum() > 0.0 ? products.Sum() / squares.Sum() : 0.0, each);
    }

    /// <summary>[stepLimit]; the mean of the returns at each step, and one mean of all returns at the steps that few episodes reach.</summary>
    private static double[] FitTime(double[][] returns, int stepLimit)
    {
        int longest = returns.Max(g => g.Length);
        int tail = 0;
        while (tail < longest && returns.Count(g => g.Length > tail) >= FewestEpisodes)
        {
            tail++;
        }

        double[] rare = [.. returns.SelectMany(g => g.Skip(tail))];
        double[] means = new double[stepLimit];
        for (int t = 0; t < stepLimit; t++)
        {
            means[t] = t < tail ? returns.Where(g => g.Length > t).Average(g => g[t])
                : rare.Length > 0 ? rare.Average()
                : means[tail - 1];
        }

        return means;
    }

    /// <summary>[feature]; ridge regression, (A + λ·diag A)·c = Xᵀy with A = XᵀX, by Gaussian elimination with pivoting.</summary>
    private static double[] FitLinear(IReadOnlyList<ReferenceScoredEpisode> pilot, double[][] returns, int lastStep)
    {
        int size = Features(pilot[0].Episode.Observations[0], 0, lastStep).Length;
        double[][] system = [.. Enumerable.Range(0, size).Select(_ => new double[size + 1])];
        for (int i = 0; i < pilot.Count; i++)
        {
            for (int t = 0; t < returns[i].Length; t++)
            {
                double[] x = Features(pilot[i].Episode.Observations[t], t, lastStep);
                for (int row = 0; row < size; row++)
                {
                    for (int column = 0; column < size; column++)
                    {
                        system[row][column] += x[row] * x[column];
                    }

                    system[row][size] += x[row] * returns[i][t];
                }
            }
        }

        for (int row = 0; row < size; row++)
        {
            // A feature that is always 0 gets the coefficient 0.
            system[row][row] = system[row][row] > 0.0 ? system[row][row] * (1.0 + Ridge) : 1.0;
        }

        return Solve(system);
    }

    private static double[] Solve(double[][] system)
    {
        int size = system.Length;
        for (int pivot = 0; pivot < size; pivot++)
        {
            int largest = Enumerable.Range(pivot, size - pivot).MaxBy(row => Math.Abs(system[row][pivot]));
            (system[pivot], system[largest]) = (system[largest], system[pivot]);
            foreach (double[] row in system.Where(row => row != system[pivot]))
            {
                double factor = row[pivot] / system[pivot][pivot];
                for (int column = pivot; column <= size; column++)
                {
                    row[column] -= factor * system[pivot][column];
                }
            }
        }

        return [.. system.Select((row, i) => row[size] / row[i])];
    }
}
