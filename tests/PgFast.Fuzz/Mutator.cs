namespace PgFast.Fuzz;

/// <summary>A file to be loaded, and how it came about.</summary>
/// <param name="Seed">The sound file that it was made from.</param>
/// <param name="Bytes">The file.</param>
/// <param name="Damage">What was done, for failures.</param>
internal sealed record DamagedFile(Seed Seed, byte[] Bytes, string Damage);

/// <summary>Makes damaged files: by number, so that each can be had again.</summary>
/// <param name="corpus">Sound files.</param>
internal sealed class Mutator(Corpus corpus)
{
    /// <summary>File number <paramref name="number"/>.</summary>
    public DamagedFile Create(long number)
    {
        // Neighbouring numbers must not give related streams: the number is scrambled (Steele, Lea, Flood 2014) before it seeds one.
        ulong mixed = ((ulong)number + 1) * 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        Random random = new((int)(mixed >> 32));
        Seed seed = corpus.Seeds[random.Next(corpus.Seeds.Count)];
        // One in fifty stays as it is: a loader that refused everything would pass otherwise.
        int times = random.Next(50) == 0 ? 0 : 1 + random.Next(3);
        return random.Next(3) switch
        {
            0 => ByteDamage.Create(seed, random, times),
            1 => HeaderDamage.Create(seed, random, times),
            _ => DocumentDamage.Create(seed, random, times),
        };
    }
}
