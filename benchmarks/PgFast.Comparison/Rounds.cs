using PgFast.Comparison.Contenders;

namespace PgFast.Comparison;

/// <summary>Rounds over all contenders, in an order that rotates.</summary>
internal sealed class Rounds
{
    private readonly Dictionary<Contender, List<MeasuredRun[]>> _rounds;

    private Rounds(IReadOnlyList<Contender> contenders)
    {
        Contenders = contenders;
        _rounds = contenders.ToDictionary(contender => contender, _ => new List<MeasuredRun[]>());
    }

    /// <summary>Those that took part; PgFast first, as the others are compared with it.</summary>
    public IReadOnlyList<Contender> Contenders { get; }

    /// <summary>[round][run].</summary>
    public IReadOnlyList<MeasuredRun[]> RoundsOf(Contender contender) => _rounds[contender];

    /// <summary>Warms up, then measures.</summary>
    public static Rounds Run(IReadOnlyList<Contender> contenders, int count, Action<string> progress)
    {
        Rounds rounds = new(contenders);
        foreach (Contender contender in contenders)
        {
            progress($"warm-up: {contender.Name}");
            contender.WarmUp();
        }

        for (int round = 0; round < count; round++)
        {
            for (int turn = 0; turn < contenders.Count; turn++)
            {
                Contender contender = contenders[(round + turn) % contenders.Count];
                progress($"round {round + 1} of {count}: {contender.Name}");
                ulong firstSeed = 1 + (ulong)(round * contender.SeedsARound);
                rounds._rounds[contender].Add(
                    [.. Enumerable.Range(0, contender.SeedsARound).Select(run => contender.Measure(firstSeed + (ulong)run))]);
            }
        }

        return rounds;
    }
}
