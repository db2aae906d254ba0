#!/usr/bin/env bash
# Compiles the command line ahead of time into one native file.
#
#   scripts/publish-aot.sh [RID] [--full] [--instructions SET] [--out DIR] [--symbols] [--measure]
#
# RID             the system that it is for; linux-x64 by default. linux-arm64 can be made on an x64 machine too.
# --full          with sweep, report, figure and the figures of variance: half as large again.
# --instructions  what its processor must have: x86-64-v3 (AVX2 and multiply-add, the default on x64), x86-64-v4 (AVX-512), or native for
#                 this machine's. The compiler decides the vector width, the file does not look for wider ones where it runs.
# --out           where to put the file; artifacts/native/RID by default.
# --symbols       keep the names of functions in the file, for a disassembler: about three times as large.
# --measure       20 cold starts to a solved CartPole afterwards, and the size.
#
# Needs gcc, the C library's headers and zlib's (apt-get install gcc libc6-dev zlib1g-dev); for ARM64 on another machine, its cross compiler
# (apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross).
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1

rid=linux-x64
instructions=
out=
measures=false
drawing=false
properties=()
value() {
  [ $# -ge 2 ] || { echo "publish-aot: $1 needs a value" >&2; exit 2; }
  echo "$2"
}
while [ $# -gt 0 ]; do
  case $1 in
    --instructions) instructions=$(value "$@"); shift 2 ;;
    --out) out=$(value "$@"); shift 2 ;;
    --measure) measures=true; shift ;;
    --full) drawing=true; shift ;;
    --symbols) properties+=(-p:StripSymbols=false); shift ;;
    -*) echo "publish-aot: $1 is unknown; there are --full, --instructions, --out, --symbols and --measure" >&2; exit 2 ;;
    *) rid=$1; shift ;;
  esac
done
[ -n "$instructions" ] || case $rid in *-x64) instructions=x86-64-v3 ;; esac
out=${out:-artifacts/native/$rid}
if [ "$rid" = linux-arm64 ] && [ "$(uname -m)" != aarch64 ]; then
  command -v aarch64-linux-gnu-gcc > /dev/null || { echo "publish-aot: there is no cross compiler for ARM64: apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross" >&2; exit 2; }
  properties+=(-p:CppCompilerAndLinker="$PWD/scripts/aarch64-gcc.sh" -p:ObjCopyName=aarch64-linux-gnu-objcopy)
fi

# Folders of its own, so that the next ordinary build finds what it left.
dotnet publish src/PgFast.Cli -c Release -r "$rid" -p:PublishAot=true -p:NativeDrawing=$drawing -p:IlcInstructionSet="${instructions//,/%2c}" "${properties[@]}" --artifacts-path artifacts/native/build
mkdir -p "$out"
published=artifacts/native/build/publish/PgFast.Cli/release_$rid
program=pgfast
[ -f "$published/$program" ] || program=pgfast.exe
cp "$published/$program" "$out/"
echo "$out/$program: $(wc -c < "$out/$program") bytes, instructions: ${instructions:-the least of $rid}"

if $measures; then
  for _ in $(seq 20); do
    begin=$EPOCHREALTIME
    "$out/$program" train cartpole --solve --json > /dev/null 2>&1
    end=$EPOCHREALTIME
    echo $(((${end/[.,]/} - ${begin/[.,]/}) / 10))
  done | sort -n | awk '{ t[NR] = $1 / 100 } END { printf "cold start to solved CartPole, 20 runs: least %.1f, median %.1f, most %.1f ms\n", t[1], (t[10] + t[11]) / 2, t[20] }'
fi
