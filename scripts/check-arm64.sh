#!/usr/bin/env bash
# Compares the bits of results on ARM64, which is emulated here, and at every vector width of this x64 machine: what training leaves and says,
# policies, checkpoints, exports, evaluations and variance studies, byte for byte but for times.
#
#   scripts/check-arm64.sh [ARM64] [JIT]
#
# ARM64  the native file for linux-arm64; published first by scripts/publish-aot.sh if it is not given.
# JIT    the assembly; src/PgFast.Cli/bin/Release/net10.0/pgfast.dll by default, built first if it is not given.
#
# Needs a cross compiler to publish, the emulator, and the two libraries of ARM64's own that the file loads:
#   apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
#   dpkg --add-architecture arm64 && apt-get update && apt-get install libssl3:arm64
# The cases are small, as emulated code runs a hundred times slower; all of it took half an hour on two busy cores.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
unset PGFAST_LANES DOTNET_EnableAVX512 DOTNET_EnableAVX2 DOTNET_EnableHWIntrinsic DOTNET_PreferredVectorBitWidth

fail() {
  echo "check-arm64: $1" >&2
  exit 2
}

needs() {
  fail "$1 is not installed: $2"
}

[ "$(uname -m)" = x86_64 ] || fail "it compares with x64, and this machine is $(uname -m)"
command -v dotnet > /dev/null || fail "the .NET 10 SDK is not installed"
command -v qemu-aarch64 > /dev/null || needs "the emulator of ARM64" "apt-get install qemu-user"
# As the native file asks for them: the loader of ARM64's C library, and OpenSSL for the digests.
for library in /lib/ld-linux-aarch64.so.1 /usr/lib/aarch64-linux-gnu/libssl.so.3; do
  [ -e "$library" ] || needs "$library" "dpkg --add-architecture arm64 && apt-get update && apt-get install libssl3:arm64"
done
if [ $# -lt 1 ]; then
  command -v aarch64-linux-gnu-gcc > /dev/null || needs "the cross compiler" "apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
  scripts/publish-aot.sh linux-arm64
fi
[ $# -ge 2 ] || dotnet build src/PgFast.Cli -c Release
arm64=$(realpath "${1:-artifacts/native/linux-arm64/pgfast}")
jit=$(realpath "${2:-src/PgFast.Cli/bin/Release/net10.0/pgfast.dll}")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One case a line, by name; what its command writes under --out is compared too. {NAME} is what the case NAME wrote.
small="--updates 3 --batch 16 --eval-episodes 16"
cat > "$work/cases" <<CASES
relu                    train cartpole $small --out run
relu-64                 train cartpole --hidden 64 $small
relu-odd                train cartpole --hidden 33 --batch 70 --updates 2 --eval-episodes 16
tanh                    train cartpole --activation tanh $small
tanh-odd                train cartpole --activation tanh --hidden 13 $small
linear                  train cartpole --hidden none $small
no-biases               train cartpole --bias off --hidden 9 $small
two-layers              train cartpole --hidden 33,17 $small
two-layers-tanh         train cartpole --hidden 33,17 --activation tanh $small
two-layers-wide         train cartpole --hidden 64,64 --updates 2 --batch 16 --eval-episodes 16
three-layers            train cartpole --hidden 5,21,8 $small
deep-block              train cartpole --hidden 150,20 --updates 2 --batch 8 --eval-episodes 8
init-glorot             train cartpole --init glorot $small
threads                 train cartpole --threads 2 --batch 130 --updates 2 --eval-episodes 16
total                   train cartpole --estimator total $small
discounted              train cartpole --estimator discounted $small
baseline-mean           train cartpole --baseline mean $small
baseline-time           train cartpole --baseline time $small
baseline-value          train cartpole --baseline value $small --out run
value-relu              train cartpole --baseline value --value-hidden 16,8 --value-activation relu --value-optimizer sgd --value-passes 2 $small
value-linear            train cartpole --baseline value --value-hidden none --bootstrap on $small
sgd                     train cartpole --optimizer sgd --lr 0.001 $small
momentum                train cartpole --optimizer sgd --lr 0.001 --momentum 0.9 $small --out run
entropy                 train cartpole --entropy 0.01 $small
clip-norm               train cartpole --clip-norm 0.5 $small
not-normalized          train cartpole --normalize off --reward-scale 0.1 $small
observations            train cartpole --normalize-observations on $small
step-size               train cartpole --lr-final 0.1 $small
batch-1                 train cartpole --batch 1 --updates 6 --eval-episodes 16
seed-2                  train cartpole --seed 2 $small
seeds                   train cartpole --seeds 3 $small --out run
solve                   train cartpole --solve 20 --updates 6 --batch 16 --eval-episodes 16
cartpole-v0             train cartpole-v0 $small
cartpole-sutton-barto   train cartpole-sutton-barto $small
cartpole-puffer         train cartpole-puffer $small
acrobot                 train acrobot --updates 2 --batch 5 --eval-episodes 4
mountain-car            train mountain-car --updates 2 --batch 5 --eval-episodes 4
softmax-relu            train acrobot --activation relu --hidden 18 --baseline value --updates 1 --batch 4 --eval-episodes 4
gaussian-cartpole       train cartpole-continuous $small
gaussian-head           train cartpole-continuous --sigma head $small --out run
gaussian-relu           train cartpole-continuous --activation relu --hidden 20,12 --entropy 0.01 $small
mountain-car-continuous train mountain-car-continuous --updates 1 --batch 4 --eval-episodes 2
pendulum                train pendulum --updates 2 --batch 5 --eval-episodes 4 --out run
pendulum-head           train pendulum --sigma head --hidden 16 --updates 1 --batch 5 --eval-episodes 4
corridor                train corridor --updates 5 --batch 20 --eval-episodes 16
corridor-tanh           train corridor --activation tanh --hidden 5 --bias off $small
bandit                  train bandit --updates 5 --batch 200 --eval-episodes 16
bandit-hidden           train bandit --hidden 7 --bias on $small
gaussian-bandit         train gaussian-bandit --updates 5 --batch 50 --eval-episodes 16
diverging               train cartpole --hidden 8,8 --optimizer sgd --lr 1e30 --normalize off $small
diverging-relu          train cartpole --lr 1e30 $small
textbook                train corridor --algorithm textbook --runs 20 --episodes 30 --initial 1.47,-1.47 --lr 2^-9 --value-lr 2^-6 --baseline value --csv curve.csv
textbook-many-actions   train bandit --algorithm textbook --runs 20 --episodes 30
textbook-cartpole       train cartpole --algorithm textbook --runs 6 --episodes 5 --out run
checkpoints             train cartpole --updates 4 --checkpoint-every 2 --batch 16 --eval-episodes 16 --baseline value --out run
resumed                 train --resume {checkpoints}/run --updates 6 --eval-episodes 16
evaluate                evaluate --policy {checkpoints}/run --episodes 100
evaluate-gaussian       evaluate --policy {gaussian-head}/run --episodes 20
export-onnx             export {checkpoints}/run --format onnx --out policy.onnx
export-c                export {gaussian-head}/run --format c --out policy.h --name brain
export-safetensors      export {pendulum}/run --format safetensors --out policy.safetensors
study-all-rows          variance cartpole --baselines none,mean,time,optimal,optimal-per-parameter,linear,value --batch-sizes 1,4 --episodes 256 --pilot 64 --timing off --out study
study-odd               variance cartpole --hidden 50 --activation relu --episodes 96 --batch-sizes 1,3 --pilot 32 --timing off
study-of-policy         variance --policy {checkpoints}/run --episodes 96 --pilot 32 --batch-sizes 1,3 --timing off --value-from training --baselines mean,value
study-standardised      variance cartpole --hidden 12 --activation tanh --normalize on --episodes 128 --batch-sizes 2 --pilot 32 --timing off
study-two-layers        variance cartpole --hidden 9,17 --episodes 96 --batch-sizes 1,3 --pilot 32 --timing off
study-decomposed        variance corridor --episodes 128 --batch-sizes 1,4 --pilot 32 --decompose 32 --timing off
CASES
total=$(wc -l < "$work/cases")

# Settings, in which every case is run: name, lanes that describe must then report, and what is put before the command. An instruction set
# that this machine lacks cannot be switched off: the lanes are then those without it anyway.
widest=$(env dotnet "$jit" describe --json | sed -n 's/.*"laneWidth": *\([0-9]*\).*/\1/p')
least() { echo $(($1 < $2 ? $1 : $2)); }
cat > "$work/settings" <<SETTINGS
x64 $widest env dotnet $jit
arm64 4 qemu-aarch64 $arm64
without-avx512 $(least 8 "$widest") env DOTNET_EnableAVX512=0 dotnet $jit
without-avx2 4 env DOTNET_EnableAVX2=0 dotnet $jit
without-vectors 1 env DOTNET_EnableHWIntrinsic=0 dotnet $jit
prefer-128-bits 4 env DOTNET_PreferredVectorBitWidth=128 dotnet $jit
16-lanes 16 env PGFAST_LANES=16 dotnet $jit
8-lanes 8 env PGFAST_LANES=8 dotnet $jit
4-lanes 4 env PGFAST_LANES=4 dotnet $jit
1-lane 1 env PGFAST_LANES=1 dotnet $jit
SETTINGS

# Lines of JSON that are times or come of them.
untimed() {
  sed -E '/"([A-Za-z]*[sS]econds|[A-Za-z]*PerSecond|efficiency)":/d' "$1"
}

# A checkpoint without what depends on time: its header, less the seconds trained and the digest, and the bytes of its tensors.
checkpoint() {
  local header
  header=$(od -An -t u8 -N 8 "$1" | tr -d ' ')
  tail -c +9 "$1" | head -c "$header" | sed -E 's/"checkpoint\.(note\.trainSeconds|sha256)":"[^"]*",?//g; s/ *$//'
  tail -c +$((9 + header)) "$1"
}

# Everything that a command said and left, as one text that has to be the same in every setting.
record() {
  local directory=$1 code=$2 file
  {
    echo "exit code $code"
    untimed "$directory/output"
    # Progress is shown by time; only the reason for ending with an error is the command's result.
    [ "$code" = 0 ] || tail -n 1 "$directory/errors"
    (cd "$directory" && find . -type f ! -name output ! -name errors ! -name '*.svg' | LC_ALL=C sort) | while read -r file; do
      echo "$file"
      case $file in
        *.json) untimed "$directory/$file" ;;
        */metrics.csv) cut -d , -f 1-7 "$directory/$file" ;;
        */checkpoint.safetensors) checkpoint "$directory/$file" | sha256sum ;;
        *) sha256sum < "$directory/$file" ;;
      esac
    done
  } | sed "s#$(dirname "$directory")#RESULTS#g" > "$directory.record"
}

# run DIRECTORY COMMAND...
run() {
  local directory=$1 code=0
  shift
  mkdir -p "$directory"
  (cd "$directory" && timeout 600 "$@" --json > output 2> errors < /dev/null) || code=$?
  record "$directory" "$code"
}

# Runs every case in one setting, one after the other.
run_setting() {
  local setting=$1 lanes=$2 name command started=$SECONDS
  shift 2
  mkdir -p "$work/$setting"
  "$@" describe --json > "$work/$setting/description"
  # The switch took effect, or nothing would be compared.
  grep -q "\"laneWidth\": $lanes," "$work/$setting/description" || fail "$setting: $lanes lanes were expected: $(grep laneWidth "$work/$setting/description")"
  while read -r name command; do
    case $command in
      *--threads* | *--seeds* | export*) ;;
      *) command="$command --threads 1" ;;
    esac
    # shellcheck disable=SC2086 # a command is several words
    run "$work/$setting/$name" "$@" $(sed -E "s#\{([a-z-]+)\}#$work/$setting/\1#" <<< "$command")
  done < "$work/cases"
  echo "$setting: $total cases run in $((SECONDS - started)) s"
}

# As many settings at a time as there are processors: each takes a token, and gives it back at its end.
mkfifo "$work/tokens"
exec 4<> "$work/tokens"
for _ in $(seq "$(nproc)"); do echo >&4; done
jobs=()
while read -r -u 3 setting; do
  read -r -u 4
  # shellcheck disable=SC2086 # a setting is several words
  { code=0; (run_setting $setting) || code=$?; echo >&4; exit "$code"; } &
  jobs+=($!)
done 3< "$work/settings"
for job in "${jobs[@]}"; do
  wait "$job" || fail "a setting could not be run: exit code $?"
done

version() { grep '"version"' "$work/$1/description"; }
[ "$(version arm64)" = "$(version x64)" ] || fail "built from different commits: $(version arm64), $(version x64)"
grep -q '"architecture": "arm64"' "$work/arm64/description" || fail "$arm64 is not for ARM64"

# A comparison that cannot fail would say nothing: a bit that is flipped in a file, and a step size that is larger by its last bit, are found.
cp -r "$work/x64/relu" "$work/flipped"
last=$(tail -c 1 "$work/flipped/run/policy.safetensors" | od -An -t u1)
truncate -s -1 "$work/flipped/run/policy.safetensors"
printf "\\x$(printf %02x $((last ^ 1)))" >> "$work/flipped/run/policy.safetensors"
record "$work/flipped" 0
cmp -s "$work/x64/relu.record" "$work/flipped.record" && fail "a flipped bit is not found"
hash() { grep '"parameterHash"' "$1/output"; }
# shellcheck disable=SC2086 # options are several words
run "$work/last-bit" dotnet "$jit" train cartpole $small --lr 0.030000001 --threads 1
[ -n "$(hash "$work/last-bit")" ] && [ "$(hash "$work/last-bit")" != "$(hash "$work/x64/relu")" ] || fail "the last bit of the step size is not found"

equal=0
different=0
while read -r name command; do
  # What fails everywhere alike has compared nothing; only what diverges is meant to.
  expected=0
  case $name in diverging) expected=1 ;; esac
  grep -q "^exit code $expected$" "$work/x64/$name.record" || fail "$name: $(head -n 1 "$work/x64/$name.record"): $(tail -n 1 "$work/x64/$name/errors")"
  while read -r setting _; do
    [ "$setting" != x64 ] || continue
    if cmp -s "$work/x64/$name.record" "$work/$setting/$name.record"; then
      equal=$((equal + 1))
    else
      different=$((different + 1))
      echo "DIFFERENT: $name, $setting: $command"
      diff "$work/x64/$name.record" "$work/$setting/$name.record" | head -n 6 || true
    fi
  done < "$work/settings"
done < "$work/cases"
echo "$equal cases equal, $different different ($total commands on x64 with $widest lanes, each compared with $(($(wc -l < "$work/settings") - 1)) other settings)"
[ "$different" = 0 ]
