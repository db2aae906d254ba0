using PgFast.Reports.Input;

namespace PgFast.Reports.Figures;

/// <summary>The configurations that a figure of curves has room for.</summary>
internal static class SweepSelection
{
    /// <summary>Lines that can be told apart.</summary>
    public const int MostLines = 6;

    /// <summary>All configurations with a result, in the grid's order; of too many the reference and the best.</summary>
    public static SweepConfiguration[] On(Sweep sweep, string environment)
    {
        SweepConfiguration[] all = [.. sweep.Configurations.Where(configuration => configuration.On(environment) is not null)];
        if (all.Length <= MostLines)
            return all;
        HashSet<SweepConfiguration> chosen =
        [
            .. all.Where(configuration => configuration.Label == sweep.Reference),
            .. all.OrderByDescending(configuration => configuration.On(environment)!.InterquartileMean),
        ];
        HashSet<SweepConfiguration> kept = [.. chosen.Take(MostLines)];
        return [.. all.Where(kept.Contains)];
    }

    /// <summary>Says which configurations are left out.</summary>
    public static string Remark(Sweep sweep, string environment, int shown)
    {
        int all = sweep.Configurations.Count(configuration => configuration.On(environment) is not null);
        return shown == all ? "" : $" Of {NumberText.Count(all)} configurations the reference and the best {NumberText.Count(shown - 1)} are shown.";
    }

    /// <summary>A file name's beginning that tells environments apart where there are several.</summary>
    public static string Suffix(Sweep sweep, string environment) => sweep.Environments.Count == 1 ? "" : $"-{Slug.Of(environment)}";
}
