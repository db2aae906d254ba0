namespace PgFast.PublicApi.Tests.Samples;

/// <summary>A block of code in a page, with the blocks of the same page that it goes on from.</summary>
/// <param name="Page">The page, relative to the repository.</param>
/// <param name="Line">Line of its fence, from 1.</param>
/// <param name="Language">What follows the fence, such as <c>csharp</c>.</param>
/// <param name="Text">Its lines.</param>
/// <param name="Continues">Whether the page says that it goes on from the block before in the same language.</param>
/// <param name="Prints">What the page says that the program prints; null if it does not say.</param>
public sealed record MarkdownSample(string Page, int Line, string Language, string Text, bool Continues, string? Prints)
{
    private const string Fence = "```";
    private const string ContinuesMark = "<!-- sample: continues -->";
    private const string PrintsMark = "<!-- sample: prints -->";

    /// <summary>All pages of the repository that people read.</summary>
    public static IEnumerable<string> Pages()
    {
        IEnumerable<string> pages = Directory.EnumerateFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Repository.PathOf("src"), "*.md", SearchOption.AllDirectories))
            .Append(Repository.PathOf("README.md"))
            .Append(Repository.PathOf("CONTRIBUTING.md"));
        return pages.Select(page => Path.GetRelativePath(Repository.Root, page).Replace('\\', '/')).Order(StringComparer.Ordinal);
    }

    /// <summary>The blocks of a page, in order.</summary>
    public static IReadOnlyList<MarkdownSample> Of(string page)
    {
        string[] lines = File.ReadAllLines(Repository.PathOf(page));
        List<MarkdownSample> samples = [];
        string mark = "";
        for (int i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith(Fence, StringComparison.Ordinal))
            {
                mark = lines[i].Length > 0 ? lines[i] : mark;
                continue;
            }

            int end = Array.IndexOf(lines, Fence, i + 1);
            Assert.True(end > i, $"{page}, line {i + 1}: the block does not end.");
            string text = string.Join('\n', lines[(i + 1)..end]);
            if (mark == PrintsMark)
                samples[^1] = samples[^1] with { Prints = text };
            else
                samples.Add(new MarkdownSample(page, i + 1, lines[i][Fence.Length..].Trim(), text, mark == ContinuesMark, null));
            mark = "";
            i = end;
        }

        return samples;
    }

    /// <summary>The programs of a page: blocks of a language, each with those that go on from it.</summary>
    public static IEnumerable<IReadOnlyList<MarkdownSample>> Programs(string page, string language)
    {
        List<MarkdownSample> program = [];
        foreach (MarkdownSample sample in Of(page).Where(sample => sample.Language == language))
        {
            if (!sample.Continues && program.Count > 0)
            {
                yield return program;
                program = [];
            }

            program.Add(sample);
        }

        if (program.Count > 0)
            yield return program;
    }

    /// <summary>Page and line.</summary>
    public override string ToString() => $"{Page}:{Line}";
}
