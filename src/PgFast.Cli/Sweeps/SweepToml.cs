using Tomlyn.Model;
using Tomlyn.Serialization;

namespace PgFast.Cli.Sweeps;

/// <summary>How TOML is read without reflection, which a native build has not got; the code is generated.</summary>
[TomlSerializable(typeof(TomlTable))]
internal sealed partial class SweepToml : TomlSerializerContext;
