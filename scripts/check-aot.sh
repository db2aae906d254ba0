#!/usr/bin/env bash
# Runs every command in the native build and under the .NET runtime, and compares what they print and write: all of it but times.
#
#   scripts/check-aot.sh [NATIVE] [JIT]
#
# NATIVE  the native file; artifacts/native/linux-x64/pgfast by default (scripts/publish-aot.sh).
# JIT     the assembly; src/PgFast.Cli/bin/Release/net10.0/pgfast.dll by default (dotnet build -c Release).
set -euo pipefail
cd "$(dirname "$0")/.."
native=$(realpath "${1:-artifacts/native/linux-x64/pgfast}")
jit=$(realpath "${2:-src/PgFast.Cli/bin/Release/net10.0/pgfast.dll}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/native" "$work/jit"
checks=0
commands="train evaluate export variance bench describe"
# A small build has no figures, and says so.
drawing=false
"$native" figure --help > /dev/null 2>&1 && drawing=true
if $drawing; then commands="$commands sweep report figure"; fi

fail() {
  echo "check-aot: $1" >&2
  exit 1
}

# Lines of JSON that are times or come of them, and the version, which names the build.
untimed() {
  sed -E '/"([A-Za-z]*[sS]econds|[A-Za-z]*PerSecond|efficiency|version)":/d' "$1"
}

# compare CODE ARGUMENTS...: that exit code from both, and the same standard output.
compare() {
  local expected=$1 first=0 second=0
  shift
  (cd "$work/native" && "$native" "$@") > "$work/native.out" 2> "$work/native.err" || first=$?
  (cd "$work/jit" && dotnet "$jit" "$@") > "$work/jit.out" 2> "$work/jit.err" || second=$?
  [ "$second" = "$expected" ] || fail "$*: exit code $second under the runtime, where $expected was expected: $(tail -n 2 "$work/jit.err")"
  [ "$first" = "$expected" ] || fail "$*: exit code $first natively, where $expected was expected: $(tail -n 2 "$work/native.err")"
  diff <(untimed "$work/jit.out") <(untimed "$work/native.out") > "$work/diff" || { head -n 20 "$work/diff" >&2; fail "$*: the outputs differ"; }
  checks=$((checks + 1))
}

both() { compare 0 "$@"; }

# The same line of explanation, with exit code 2.
rejected() {
  compare 2 "$@"
  cmp "$work/native.err" "$work/jit.err" || fail "$*: reported differently: $(cat "$work/native.err")"
}

[ "$("$native" --version)" = "$(dotnet "$jit" --version)" ] || fail "built from different commits: $("$native" --version), $(dotnet "$jit" --version)"

# The same file from both, byte for byte.
same() {
  cmp "$work/jit/$1" "$work/native/$1" || fail "$1 differs"
  checks=$((checks + 1))
}

both train cartpole --seed 1 --solve --json
both train cartpole --seed 2 --activation tanh --hidden 16,16 --updates 20 --threads 2 --batch 256 --json
for environment in acrobot mountain-car mountain-car-continuous pendulum cartpole-continuous corridor bandit gaussian-bandit cartpole-puffer; do
  for threads in 1 2; do
    both train "$environment" --seed 3 --updates 5 --batch 128 --threads "$threads" --json
  done
done
both train cartpole --seeds 3 --updates 10 --json
both train corridor --algorithm textbook --json
both train cartpole --seed 4 --updates 12 --checkpoint-every 6 --baseline value --out run --json
same run/policy.safetensors
same run/checkpoints/policy-000000006.safetensors
both train --resume run --updates 20 --json
same run/policy.safetensors
both evaluate --policy run --episodes 500 --json
for pair in onnx:policy.onnx c:policy.h safetensors:policy.safetensors; do
  both export run --format "${pair%:*}" --out "${pair#*:}"
  same "${pair#*:}"
done
both variance --policy run --episodes 4096 --batch-sizes 1,16 --timing off --decompose --json
both variance cartpole --episodes 4096 --batch-sizes 1,16 --timing off --out study --json
if $drawing; then
cp "$work/jit/study/study.json" "$work/native/study/study.json"
both report study --json
same study/report.html
cat > "$work/native/sweep.toml" <<'TOML'
environment = "cartpole"
seeds = 3
updates = 8

[grid]
lr = [0.01, 0.03]
TOML
cp "$work/native/sweep.toml" "$work/jit/sweep.toml"
both sweep sweep.toml --out swept --json
diff <(untimed "$work/jit/swept/sweep.json") <(untimed "$work/native/swept/sweep.json") || fail "the sweeps differ"
cp "$work/jit/swept/sweep.json" "$work/native/swept/sweep.json"
both report swept --json
same swept/report.html
echo 'environment = "cartpole' > "$work/native/bad.toml"
cp "$work/native/bad.toml" "$work/jit/bad.toml"
rejected sweep bad.toml
both sweep --list --json
both figure 13.1 --runs 20 --episodes 50 --out figure.svg --json
same figure.svg
else
  "$native" report study > /dev/null 2> "$work/native.err" && fail "report works in a small build"
  grep -q -- --full "$work/native.err" || fail "report does not say which build has it"
fi
for command in $commands; do
  both "$command" --help
done
rejected train no-such-environment
rejected evaluate --policy no-such-file

# What cannot be the same: measurements, the machine as this build sees it, and the command that loads assemblies.
"$native" bench --quick --batch 64 --json 2> /dev/null | grep -q '"peakGflops"' || fail "bench does not work"
"$native" describe --json | grep -q '"fusedMultiplyAddInHardware": true' || fail "multiply-adds are emulated: was it built for AVX2?"
code=0
"$native" check "$jit" > "$work/native.out" 2> "$work/native.err" || code=$?
[ "$code" = 2 ] && [ ! -s "$work/native.out" ] && [ "$(wc -l < "$work/native.err")" = 1 ] || fail "check does not say that it needs the runtime"
! "$native" --help | grep -q '^ *check ' || fail "--help lists check, which is not there"
echo "native and runtime agree in $checks comparisons"
