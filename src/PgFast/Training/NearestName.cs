namespace PgFast.Training;

/// <summary>Guesses which name was meant by one that is unknown.</summary>
public static class NearestName
{
    /// <summary>The candidate that takes the fewest insertions, deletions, replacements and swaps of neighbours, if they are few.</summary>
    /// <param name="name">What was written; case is ignored.</param>
    /// <param name="candidates">The names that there are.</param>
    /// <returns>The nearest candidate, the first of equals, or null where none is near.</returns>
    public static string? Find(string name, IEnumerable<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(candidates);
        string? best = null;
        int bestDistance = int.MaxValue;
        foreach (string candidate in candidates)
        {
            int distance = Distance(name, candidate);
            bool isBeginning = name.Length >= 2 && candidate.StartsWith(name, StringComparison.OrdinalIgnoreCase);
            if (!isBeginning && distance > Math.Max(1, Math.Max(name.Length, candidate.Length) * 2 / 5))
                continue;
            if (distance >= bestDistance)
                continue;
            (best, bestDistance) = (candidate, distance);
        }

        return best;
    }

    /// <summary>Optimal string alignment distance (Levenshtein 1966, with transpositions), ignoring case.</summary>
    private static int Distance(string left, string right)
    {
        // Names are short; what is longer is no slip of the pen, and would cost quadratic time.
        if (Math.Max(left.Length, right.Length) > 64)
            return int.MaxValue;
        int[,] distance = new int[left.Length + 1, right.Length + 1];
        for (int i = 0; i <= left.Length; i++)
        {
            for (int j = 0; j <= right.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    distance[i, j] = i + j;
                    continue;
                }

                int replace = distance[i - 1, j - 1] + (Same(left[i - 1], right[j - 1]) ? 0 : 1);
                int best = Math.Min(replace, Math.Min(distance[i - 1, j], distance[i, j - 1]) + 1);
                if (i > 1 && j > 1 && Same(left[i - 1], right[j - 2]) && Same(left[i - 2], right[j - 1]))
                    best = Math.Min(best, distance[i - 2, j - 2] + 1);
                distance[i, j] = best;
            }
        }

        return distance[left.Length, right.Length];
    }

    private static bool Same(char left, char right) => char.ToLowerInvariant(left) == char.ToLowerInvariant(right);
}
