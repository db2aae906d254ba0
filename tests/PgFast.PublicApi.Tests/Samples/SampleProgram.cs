using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace PgFast.PublicApi.Tests.Samples;

/// <summary>A program put together from blocks of a page, and compiled as a user's project with implicit usings would.</summary>
internal static class SampleProgram
{
    private const string ImplicitUsings =
        """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
        global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;
        """;

    private static readonly CSharpParseOptions Parsing = new(LanguageVersion.Latest);

    /// <summary>Everything that the tests run with; the tests themselves are no library.</summary>
    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !path.EndsWith(".Tests.dll", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>Usings first, then statements, then types, whatever the block that they come from.</summary>
    public static string Compose(IReadOnlyList<MarkdownSample> blocks)
    {
        CompilationUnitSyntax[] units = [.. blocks.Select(block => CSharpSyntaxTree.ParseText(block.Text, Parsing).GetCompilationUnitRoot())];
        IEnumerable<string> usings = units.SelectMany(unit => unit.Usings).Select(directive => directive.ToString()).Distinct();
        IEnumerable<string> statements = units.SelectMany(unit => unit.Members).OfType<GlobalStatementSyntax>().Select(member => member.ToFullString());
        IEnumerable<string> types = units.SelectMany(unit => unit.Members).Where(member => member is not GlobalStatementSyntax).Select(member => member.ToFullString());
        return string.Join('\n', [.. usings, .. statements, .. types]);
    }

    /// <summary>Compiles it.</summary>
    /// <param name="source">The program.</param>
    /// <param name="path">Where the assembly goes.</param>
    /// <returns>Errors, and warnings of what a reader would copy: names that are not there, members that are obsolete.</returns>
    public static IReadOnlyList<string> Compile(string source, string path)
    {
        CSharpCompilation compilation = CSharpCompilation.Create(
            Path.GetFileNameWithoutExtension(path),
            [CSharpSyntaxTree.ParseText(source, Parsing), CSharpSyntaxTree.ParseText(ImplicitUsings, Parsing)],
            References,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Enable, allowUnsafe: true));
        using FileStream stream = File.Create(path);
        return [.. compilation.Emit(stream).Diagnostics.Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning).Select(diagnostic => diagnostic.ToString())];
    }
}
