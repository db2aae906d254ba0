#!/usr/bin/env bash
# GCC's cross compiler under the name that publish-aot.sh gives to .NET's native build, which adds an argument that only clang knows.
arguments=()
for argument in "$@"; do
  case $argument in
    --target=*) ;;
    *) arguments+=("$argument") ;;
  esac
done
exec aarch64-linux-gnu-gcc "${arguments[@]}"
