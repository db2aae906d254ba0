#!/usr/bin/env bash
# Packs the library and the tool, looks into the packages, and uses both as a stranger would: a fresh project that trains by the README's
# sample, and an installed tool. It works in copies of the repository and leaves nothing behind: packages get a version of their own, which is
# removed from NuGet's cache at the end.
#
#   scripts/check-packages.sh
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
export DOTNET_ROOT=${DOTNET_ROOT:-$(dirname "$(readlink -f "$(command -v dotnet)")")}

version=0.1.0-check.$(date +%s)
work=$(mktemp -d)
cache=$(dotnet nuget locals global-packages --list | sed 's/^[^:]*: *//')

clean() {
  rm -rf "$work" "${cache:?}/pgfast/$version" "$cache/pgfast.tool/$version"
}
trap clean EXIT

fail() {
  echo "check-packages: $1" >&2
  exit 1
}

quietly() {
  "$@" > "$work/log" 2>&1 || { cat "$work/log" >&2; fail "failed: $*"; }
}

# 1. Exactly two projects are packages.
packable=$(git ls-files '*.csproj' | while read -r project; do
  [ "$(dotnet msbuild "$project" -getProperty:IsPackable)" = false ] || echo "$project"
done)
[ "$packable" = $'src/PgFast.Cli/PgFast.Cli.csproj\nsrc/PgFast/PgFast.csproj' ] || fail "packages are made of: $packable"

# 2. The tool is packed twice, in different folders: its assemblies must not know where or when they were built.
for copy in one another/place; do
  git clone --quiet . "$work/$copy"
  git ls-files -z --cached --others --exclude-standard --deduplicate | xargs -0 sh -c 'for f; do [ ! -e "$f" ] || cp --parents "$f" "$0"; done' "$work/$copy"
done
quietly dotnet pack "$work/one/src/PgFast" -c Release -p:Version="$version" -o "$work/packages"
quietly dotnet pack "$work/one/src/PgFast.Cli" -c Release -p:Version="$version" -o "$work/packages"
quietly dotnet pack "$work/another/place/src/PgFast.Cli" -c Release -p:Version="$version" -o "$work/again"
for package in "$work/packages/PgFast.$version.nupkg" "$work/packages/PgFast.$version.snupkg" "$work/packages/PgFast.Tool.$version.nupkg"; do
  [ -f "$package" ] || fail "$(basename "$package") was not made"
done
[ "$(find "$work/packages" -type f | wc -l)" -eq 3 ] || fail "other packages than expected: $(ls "$work/packages")"
# MSBuild unpacks them: the SDK is all that is needed.
cat > "$work/unpack.proj" <<PROJECT
<Project>
  <Target Name="Unpack">
    <Unzip SourceFiles="$work/packages/PgFast.$version.nupkg" DestinationFolder="$work/library" />
    <Unzip SourceFiles="$work/packages/PgFast.$version.snupkg" DestinationFolder="$work/symbols" />
    <Unzip SourceFiles="$work/packages/PgFast.Tool.$version.nupkg" DestinationFolder="$work/tool-1" />
    <Unzip SourceFiles="$work/again/PgFast.Tool.$version.nupkg" DestinationFolder="$work/tool-2" />
  </Target>
</Project>
PROJECT
quietly dotnet msbuild "$work/unpack.proj"
for name in PgFast.Engine.dll PgFast.Reports.dll pgfast.dll; do
  cmp "$work/tool-1/tools/net10.0/any/$name" "$work/tool-2/tools/net10.0/any/$name" || fail "$name depends on where it is built"
done
cmp "$work/library/lib/net10.0/PgFast.Engine.dll" "$work/tool-1/tools/net10.0/any/PgFast.Engine.dll" || fail "library and tool differ in the engine"

# 3. What a package should have in it.
for file in lib/net10.0/PgFast.Engine.dll lib/net10.0/PgFast.Engine.xml buildTransitive/PgFast.targets README.md LICENSE CHANGELOG.md; do
  [ -s "$work/library/$file" ] || fail "the library's package lacks $file"
done
[ -s "$work/symbols/lib/net10.0/PgFast.Engine.pdb" ] || fail "the symbols' package lacks PgFast.Engine.pdb"
[ "$(head -c 4 "$work/symbols/lib/net10.0/PgFast.Engine.pdb")" = BSJB ] || fail "the symbols are not portable"
for file in README.md LICENSE tools/net10.0/any/DotnetToolSettings.xml tools/net10.0/any/pgfast.pdb; do
  [ -s "$work/tool-1/$file" ] || fail "the tool's package lacks $file"
done
for folder in library tool-1; do
  grep -q '<license type="expression">MIT</license>' "$work/$folder"/*.nuspec || fail "$folder has no licence"
  ! grep -qE ']\((docs|samples|src|benchmarks)/' "$work/$folder/README.md" || fail "the readme of $folder has a link that leads nowhere"
done
! grep -aq "$work" "$work/library/lib/net10.0/PgFast.Engine.dll" || fail "the library has a path of this machine in it"

# 4. A fresh project, with the library from the folder and everything else from the configured sources.
mkdir "$work/fresh"
{
  echo '<configuration><packageSources><add key="pgfast-check" value="'"$work/packages"'" /></packageSources><packageSourceMapping>'
  echo '<packageSource key="pgfast-check"><package pattern="PgFast*" /></packageSource>'
  dotnet nuget list source | sed -n 's/^ *[0-9]*\. *\(.*\) \[Enabled\]$/\1/p' | while read -r source; do
    echo '<packageSource key="'"$source"'"><package pattern="*" /></packageSource>'
  done
  echo '</packageSourceMapping></configuration>'
} > "$work/fresh/nuget.config"
cat > "$work/fresh/Fresh.csproj" <<PROJECT
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
    <Nullable>enable</Nullable>
    <IsAotCompatible>true</IsAotCompatible>
    <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="PgFast" Version="$version" />
  </ItemGroup>
</Project>
PROJECT
awk '/^```csharp$/ { inside = 1; next } /^```$/ && inside { exit } inside' README.md > "$work/fresh/Program.cs"
quietly dotnet build "$work/fresh" -c Release
sample=$(dotnet "$work/fresh/bin/Release/net10.0/Fresh.dll")
[[ $sample =~ ^True\ after\ [0-9]+\ updates:\ [0-9a-f]{64},\ action\ [01]$ ]] || fail "the fresh project printed: $sample"
echo "fresh project: $sample"
# Compiled ahead of time for a processor that nobody named, it would be slow: the package says so, and says no more where one is named.
warned() { dotnet msbuild "$work/fresh" -t:PgFastInstructionSet -p:PublishAot=true -p:RuntimeIdentifier="$1" "${@:2}" 2>&1 | grep -q PGFAST001; }
warned linux-x64 || fail "the package does not warn of a native build without IlcInstructionSet"
! warned linux-x64 -p:IlcInstructionSet=x86-64-v3 || fail "the package warns of a native build with IlcInstructionSet"
! warned linux-arm64 || fail "the package warns of a native build for arm64"

# 5. The tool, installed from the folder.
cd "$work/fresh"
quietly dotnet tool install PgFast.Tool --tool-path "$work/tool" --version "$version" --configfile "$work/fresh/nuget.config"
[[ $("$work/tool/pgfast" --version) == "$version"* ]] || fail "the tool says that it is $("$work/tool/pgfast" --version)"
result=$("$work/tool/pgfast" train cartpole --seed 1 --solve --json 2> /dev/null) || fail "the tool did not solve CartPole"
[[ $result == *'"solved": true'* && $result == *'"parameterHash": "232bbf1d'* ]] || fail "the tool printed: $result"
echo "tool: $(grep parameterHash <<< "$result" | tr -d ' ,')"
