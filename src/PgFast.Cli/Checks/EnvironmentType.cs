using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using PgFast.Checking;
using PgFast.Environments;

namespace PgFast.Cli.Checks;

/// <summary>A type that is an environment, for lanes or scalar.</summary>
[RequiresUnreferencedCode(AssemblyLoading.Reason)]
[RequiresDynamicCode(AssemblyLoading.Reason)]
internal sealed class EnvironmentType
{
    private readonly Type _type;
    private readonly string _check;

    private EnvironmentType(Type type, string check) => (_type, _check) = (type, check);

    /// <summary>With its namespace.</summary>
    public string Name => _type.FullName ?? _type.Name;

    /// <returns>The environment, or null where the type is none.</returns>
    public static EnvironmentType? Of(Type type)
    {
        if (!type.IsValueType || type.ContainsGenericParameters)
            return null;
        if (Implements(type, typeof(IBatchedEnvironment<>)))
            return new EnvironmentType(type, nameof(EnvironmentChecker.Check));
        return Implements(type, typeof(IScalarEnvironment<>)) ? new EnvironmentType(type, nameof(EnvironmentChecker.CheckScalar)) : null;
    }

    public bool IsNamed(string name) =>
        string.Equals(name, Name, StringComparison.OrdinalIgnoreCase) || string.Equals(name, _type.Name, StringComparison.OrdinalIgnoreCase);

    public EnvironmentCheck Check(int steps, ulong seed)
    {
        MethodInfo method = typeof(EnvironmentChecker).GetMethod(_check)!.MakeGenericMethod(_type);
        return (EnvironmentCheck)method.Invoke(null, [steps, seed])!;
    }

    private static bool Implements(Type type, Type definition) =>
        type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == definition && i.GenericTypeArguments[0] == type);
}
