using System.Security.Cryptography;

namespace PgFast.Files;

/// <summary>A document that carries a digest of all the rest of it, so that a bit that has changed is found.</summary>
/// <remarks>Where a run goes on from, a wrong bit would not be seen for long: it would only be another result.</remarks>
internal static class SealedDocument
{
    /// <summary>The metadata entry that holds the digest.</summary>
    public const string Key = "checkpoint.sha256";

    /// <summary>Adds the digest.</summary>
    /// <param name="tensors">The tensors.</param>
    /// <param name="metadata">The metadata, without a digest.</param>
    public static SafeTensors Seal(IReadOnlyList<SafeTensor> tensors, Dictionary<string, string> metadata)
    {
        string digest = DigestOf(new SafeTensors(tensors, metadata));
        return new SafeTensors(tensors, metadata.Append(KeyValuePair.Create(Key, digest)));
    }

    /// <summary>Compares the digest with the rest.</summary>
    /// <exception cref="SafeTensorsException">It is missing, or of something else.</exception>
    public static void Require(SafeTensors document)
    {
        if (document.Metadata.GetValueOrDefault(Key) is not { } digest)
            throw new SafeTensorsException($"The metadata entry '{Key}' is missing.");
        if (digest != DigestOf(new SafeTensors(document.Tensors, document.Metadata.Where(entry => entry.Key != Key))))
            throw new SafeTensorsException("The checkpoint's content is not what was written: its SHA-256 is another.");
    }

    /// <summary>Equal documents have equal bytes.</summary>
    private static string DigestOf(SafeTensors document) => Convert.ToHexStringLower(SHA256.HashData(document.ToArray()));
}
