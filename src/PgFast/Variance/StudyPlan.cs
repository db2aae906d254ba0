using PgFast.Estimators;

namespace PgFast.Variance;

/// <summary>What a study computes: columns, the ingredients that each batch size sums, rows, and how episodes are cut into shards.</summary>
internal sealed class StudyPlan
{
    /// <summary>Episodes that are rolled out at once.</summary>
    private const int MaximumSlice = 1024;

    /// <summary>Episodes that a shard should have, so that lanes stay busy.</summary>
    private const int PreferredShard = 256;

    /// <summary>Shards that a study should have, so that intervals have something to compare.</summary>
    private const int PreferredShards = 32;

    private readonly List<StudyColumn> _columns = [];
    private readonly List<List<StudyIngredient>> _ingredients = [];
    private readonly List<StudyRow> _rows = [];
    private readonly bool _discounts;

    public StudyPlan(VarianceOptions options)
    {
        _discounts = options.Discount < 1;
        Sizes = [.. options.BatchSizes.Where(size => options.Episodes / size >= RowStatistics.FewestBatches)];
        UnmeasuredSizes = [.. options.BatchSizes.Except(Sizes)];
        if (Sizes.Count == 0)
            (Sizes, UnmeasuredSizes) = ([options.BatchSizes.Min()], [.. options.BatchSizes.Order().Skip(1)]);
        NormalizesWeights = options.NormalizeReturns;
        Baselines = [.. options.Baselines.Prepend(Baseline.None).Distinct().Order()];
        for (int size = 0; size < Sizes.Count; size++)
        {
            _ingredients.Add([]);
            foreach (Estimator estimator in options.Estimators)
            {
                foreach (Baseline baseline in Baselines)
                    AddRow(estimator, baseline, size, options.NormalizeReturns, isHidden: false);
            }
        }

        AddHiddenRows(options);
        int largest = Sizes.Max();
        int preferred = (int)Math.Clamp(options.Episodes / PreferredShards, 1, PreferredShard);
        ShardEpisodes = largest >= preferred ? largest : preferred / largest * largest;
        SliceEpisodes = Math.Min(MaximumSlice, ShardEpisodes);
    }

    /// <summary>Batch sizes that are measured, in the order in which they were asked for.</summary>
    public IReadOnlyList<int> Sizes { get; }

    /// <summary>Batch sizes that the episodes are too few for: left out, as they would make shards so large that smaller sizes suffer.</summary>
    public IReadOnlyList<int> UnmeasuredSizes { get; }

    /// <summary>Baselines of every estimator and batch size, <see cref="Baseline.None"/> among them.</summary>
    public IReadOnlyList<Baseline> Baselines { get; }

    /// <summary>Whether the asked-for rows standardise their weights.</summary>
    public bool NormalizesWeights { get; }

    /// <summary>All weightings of scores.</summary>
    public IReadOnlyList<StudyColumn> Columns => _columns;

    /// <summary>All rows, those asked for first.</summary>
    public IReadOnlyList<StudyRow> Rows => _rows;

    /// <summary>Episodes of every shard but perhaps the last: whole batches of the largest size.</summary>
    public int ShardEpisodes { get; }

    /// <summary>Episodes that are rolled out at once.</summary>
    public int SliceEpisodes { get; }

    /// <summary>What batches of a size sum.</summary>
    /// <param name="size">Index of the batch size.</param>
    public IReadOnlyList<StudyIngredient> IngredientsOf(int size) => _ingredients[size];

    /// <summary>Whether batches of a size need, of every step index, the sums over their episodes.</summary>
    /// <param name="size">Index of the batch size.</param>
    public bool SumsByStep(int size) => Sizes[size] > 1 && _columns.Any(column => column.Size == size);

    /// <summary>Index of a column, or −1.</summary>
    public int Find(WeightKind kind) => _columns.IndexOf(new StudyColumn(kind));

    private void AddRow(Estimator estimator, Baseline baseline, int size, bool normalizes, bool isHidden)
    {
        bool discounts = estimator == Estimator.Discounted && _discounts;
        int direction = Column(discounts ? WeightKind.Power : WeightKind.One);
        int main = MainColumn(estimator, baseline, size, discounts);
        bool isWholeReturn = estimator == Estimator.Total && baseline is not (Baseline.Time or Baseline.Linear or Baseline.Value);
        bool leavesOneOut = baseline == Baseline.Mean && Sizes[size] > 1;
        bool subtracts = baseline is Baseline.Mean or Baseline.Optimal or Baseline.OptimalPerParameter;
        if (normalizes)
        {
            // Their sums over steps are what standardisation needs; G_0 alone is known without.
            _ = Column(WeightKind.One);
            if (discounts)
                _ = Column(WeightKind.DiscountedToGo);
        }

        _rows.Add(new StudyRow(estimator, baseline, size, normalizes)
        {
            IsHidden = isHidden,
            MainColumn = main,
            Main = Ingredient(size, main, isWholeReturn),
            Direction = subtracts ? Ingredient(size, direction, false) : -1,
            DirectionColumn = direction,
            ReturnDirection = leavesOneOut ? Ingredient(size, direction, true) : -1,
            Score = normalizes ? Ingredient(size, Column(WeightKind.One), false) : -1,
        });
    }

    /// <summary>What the bias of others is told from: the gradient of J itself, without standardisation, at the smallest batch size.</summary>
    private void AddHiddenRows(VarianceOptions options)
    {
        int smallest = Enumerable.Range(0, Sizes.Count).MinBy(size => Sizes[size]);
        if (options.NormalizeReturns)
        {
            AddRow(Estimator.Discounted, Baseline.None, smallest, normalizes: false, isHidden: true);
            return;
        }

        // Reward-to-go is compared with the discounted estimator, baseline by baseline.
        if (!_discounts || !options.Estimators.Contains(Estimator.RewardToGo) || options.Estimators.Contains(Estimator.Discounted))
            return;
        foreach (Baseline baseline in Baselines)
            AddRow(Estimator.Discounted, baseline, smallest, normalizes: false, isHidden: true);
    }

    private int MainColumn(Estimator estimator, Baseline baseline, int size, bool discounts)
    {
        int source = Sizes[size] > 1 ? size : -1;
        return (baseline, estimator) switch
        {
            (Baseline.Time, Estimator.Total) => Column(WeightKind.TimeTotal, source),
            (Baseline.Time, _) => Column(discounts ? WeightKind.TimeDiscounted : WeightKind.TimeToGo, source),
            (Baseline.Linear, Estimator.Total) => Column(WeightKind.LinearTotal),
            (Baseline.Linear, _) => Column(discounts ? WeightKind.LinearDiscounted : WeightKind.LinearToGo),
            (Baseline.Value, Estimator.Total) => Column(WeightKind.ValueTotal),
            (Baseline.Value, _) => Column(discounts ? WeightKind.ValueDiscounted : WeightKind.ValueToGo),
            (_, Estimator.Total) => Column(WeightKind.One),
            _ => Column(discounts ? WeightKind.DiscountedToGo : WeightKind.ToGo),
        };
    }

    private int Column(WeightKind kind, int size = -1)
    {
        StudyColumn column = new(kind, size);
        int index = _columns.IndexOf(column);
        if (index >= 0)
            return index;
        _columns.Add(column);
        return _columns.Count - 1;
    }

    private int Ingredient(int size, int column, bool timesReturn)
    {
        StudyIngredient ingredient = new(column, timesReturn);
        int index = _ingredients[size].IndexOf(ingredient);
        if (index >= 0)
            return index;
        _ingredients[size].Add(ingredient);
        return _ingredients[size].Count - 1;
    }
}
