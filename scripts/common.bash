# Sourced by the scripts beside it: the repository's root as working folder, and how they say what they do.
set -euo pipefail
here=$PWD   # where the caller stands; paths on the command line are meant from there
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '==> %s\n' "$*" >&2; }
run() { say "$*"; "$@"; }
die() { printf 'error: %s\n' "$*" >&2; exit 2; }

# Prints the comment at the head of the script: what it does and its options.
usage() { sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0"; }
for argument in "$@"; do
    [[ $argument == -- ]] && break
    if [[ $argument == --help || $argument == -h ]]; then cd "$here"; usage; exit 0; fi
done

# How many compilers run at once: one a core, and no more than fit into memory (a file with Beast, TLS and a sanitizer takes 2 GB).
compile_jobs() {
    local cores memory_gb
    cores=$(nproc)
    memory_gb=$(awk '/^MemTotal/ { print int($2 / 1048576) }' /proc/meminfo)
    local fit=$((memory_gb / 2 > 0 ? memory_gb / 2 : 1))
    echo $((cores < fit ? cores : fit))
}
