using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.Loader;
using PgFast.Environments;

namespace PgFast.Cli.Checks;

/// <summary>An assembly that a user built, loaded beside the program, on the program's own engine.</summary>
[RequiresUnreferencedCode(AssemblyLoading.Reason)]
[RequiresDynamicCode(AssemblyLoading.Reason)]
internal sealed class EnvironmentAssembly
{
    private EnvironmentAssembly(IReadOnlyList<EnvironmentType> types) => Types = types;

    /// <summary>Its environments, by name; at least one.</summary>
    public IReadOnlyList<EnvironmentType> Types { get; }

    /// <exception cref="UsageException">It is not there, is no assembly, or holds no environment.</exception>
    public static EnvironmentAssembly Load(string path)
    {
        string full = Path.GetFullPath(path);
        if (!File.Exists(full))
            throw new UsageException($"ASSEMBLY must name a file that exists; '{path}' does not");
        try
        {
            Type[] all = new Context(full).LoadFromAssemblyPath(full).GetTypes();
            EnvironmentType[] types = [.. all.Select(EnvironmentType.Of).OfType<EnvironmentType>().OrderBy(type => type.Name, StringComparer.Ordinal)];
            return types.Length > 0
                ? new EnvironmentAssembly(types)
                : throw new UsageException($"'{path}' holds no environment: no struct that implements IBatchedEnvironment of itself or IScalarEnvironment of itself");
        }
        catch (Exception exception) when (exception is BadImageFormatException or FileLoadException or FileNotFoundException)
        {
            throw new UsageException($"ASSEMBLY must name a .NET assembly that can be loaded; '{path}' cannot: {exception.Message}");
        }
        catch (ReflectionTypeLoadException exception)
        {
            string reason = exception.LoaderExceptions.OfType<Exception>().FirstOrDefault()?.Message ?? exception.Message;
            throw new UsageException($"ASSEMBLY must be built against this version of PgFast; '{path}' cannot be loaded: {reason}");
        }
    }

    /// <summary>Finds what the assembly needs beside it, except the engine, which is the program's.</summary>
    [RequiresUnreferencedCode(AssemblyLoading.Reason)]
    [RequiresDynamicCode(AssemblyLoading.Reason)]
    private sealed class Context(string path) : AssemblyLoadContext("check")
    {
        private readonly AssemblyDependencyResolver _resolver = new(path);

        protected override Assembly? Load(AssemblyName assemblyName)
        {
            Assembly engine = typeof(EnvironmentSpecification).Assembly;
            if (assemblyName.Name == engine.GetName().Name)
                return engine;
            return _resolver.ResolveAssemblyToPath(assemblyName) is { } found ? LoadFromAssemblyPath(found) : null;
        }
    }
}
