using System.Text;
using PgFast.Files;
using PgFast.Policies;

namespace PgFast.Export;

/// <summary>A policy as one C header without dependencies, for programs and devices that have nothing but a compiler.</summary>
/// <remarks>
/// <para>
/// C99, and C++ just as well; <c>math.h</c> is all it needs. With NAME for the name given, it declares <c>NAME_OBSERVATION_SIZE</c>, for a
/// softmax <c>NAME_ACTION_COUNT</c>, <c>NAME_probabilities</c>, <c>NAME_action</c> and <c>NAME_sample</c>, for a Gaussian
/// <c>NAME_ACTION_SIZE</c>, <c>NAME_mean</c>, <c>NAME_standard_deviation</c>, <c>NAME_action</c> and <c>NAME_sample</c>. Observations and actions
/// are in the environment's units: scaling is part of the header. Functions keep no state; they are safe to call from any thread.
/// </para>
/// <para>
/// Numbers have nine digits, so that they read back exactly. Two actions are computed from the difference of their logits, as the engine
/// does. Results agree with <see cref="Policy"/> up to rounding: compilers order and fuse sums as they may, and their exponential is another.
/// </para>
/// </remarks>
public static class CHeader
{
    /// <summary>C99 promises that 63 characters of a name count; the longest suffix takes 23 of them.</summary>
    private const int LongestName = 40;

    /// <summary>Beyond it a header is hundreds of megabytes of text, which no compiler is made for.</summary>
    private const int MostParameters = 1 << 24;

    private const string DefaultName = "policy";

    /// <summary>Writes the header.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="name">What begins every name in it; see <see cref="IsName"/>.</param>
    /// <param name="stream">Where to.</param>
    /// <exception cref="ArgumentException">See <see cref="ToText"/>.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(PolicyFile policy, string name, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Write(Encoding.ASCII.GetBytes(ToText(policy, name)));
    }

    /// <summary>Writes the file: under a temporary name in the same directory, flushed to the disk, then renamed.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="name">What begins every name in it; see <see cref="IsName"/>.</param>
    /// <param name="path">Where to; replaced if it exists.</param>
    /// <exception cref="ArgumentException">See <see cref="ToText"/>.</exception>
    /// <exception cref="IOException">It cannot be written; a file that was there before is unchanged.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be written.</exception>
    public static void Save(PolicyFile policy, string name, string path) =>
        AtomicFile.Write(path, Encoding.ASCII.GetBytes(ToText(policy, name)));

    /// <summary>The header's text, ASCII, lines ended by a line feed.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="name">What begins every name in it; see <see cref="IsName"/>.</param>
    /// <exception cref="ArgumentException">
    /// The name is none, the policy's scaling has other features than the network has inputs, its action scale is not positive and finite, or
    /// the network has more than 2²⁴ parameters.
    /// </exception>
    public static string ToText(PolicyFile policy, string name)
    {
        ExportedPolicy.Require(policy);
        ArgumentNullException.ThrowIfNull(name);
        if (!IsName(name))
            throw new ArgumentException($"'{name}' cannot begin the names of a C header.", nameof(name));
        if (policy.Shape.ParameterCount > MostParameters)
            throw new ArgumentException($"The network is too large for a C header: more than {MostParameters} parameters.", nameof(policy));
        CHeaderText text = new(name);
        CHeaderConstants.Add(text, policy);
        CHeaderFunctions.Add(text, policy);
        return text.Finish();
    }

    /// <summary>Whether names may begin with it: letters, digits and underscores, a letter first, at most 40 of them.</summary>
    /// <param name="name">The text.</param>
    public static bool IsName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length is > 0 and <= LongestName && char.IsAsciiLetter(name[0]) && name.All(IsNameCharacter);
    }

    /// <summary>A name made of any text, such as a file's: what a name must not have becomes an underscore.</summary>
    /// <param name="text">The text.</param>
    public static string NameFrom(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string name = new([.. text.Select(character => IsNameCharacter(character) ? character : '_')]);
        if (name.Length == 0 || !char.IsAsciiLetter(name[0]))
            name = name.Trim('_').Length == 0 ? DefaultName : $"{DefaultName}_{name.TrimStart('_')}";
        return name.Length > LongestName ? name[..LongestName] : name;
    }

    private static bool IsNameCharacter(char character) => char.IsAsciiLetterOrDigit(character) || character == '_';
}
