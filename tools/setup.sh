# Shared by ./run, ./test and ./bench: sourced, never run. Messages go to standard error.

note() {
  if [[ -t 2 ]]; then printf '\033[1m%s\033[0m\n' "$*"; else printf '%s\n' "$*"; fi >&2
}
die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 3
}

# install_packages KIND…: installs what tools/packages lists for these kinds and the machine lacks.
install_packages() {
  command -v dpkg-query >/dev/null || {
    note "Not a Debian system: install what tools/packages lists yourself."
    return 0
  }
  local kind name rest missing=()
  while read -r kind name rest; do
    [[ " $* " == *" $kind "* ]] || continue
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || missing+=("$name")
  done <tools/packages
  ((${#missing[@]})) || return 0
  note "Installing ${#missing[@]} Debian packages: ${missing[*]}"
  local as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "not root and no sudo; run: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -q >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qy --no-install-recommends "${missing[@]}" >&2
}

# How many compilers at once: one a core, as long as each has 1.5 GB, which Beast's headers need.
build_jobs() {
  local cores memory_kb
  cores=$(nproc)
  # A bare chroot has no /proc.
  memory_kb=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo 2>/dev/null) || true
  local by_memory=$((${memory_kb:-0} / 1500000))
  ((by_memory >= 1)) || by_memory=1
  echo $((cores < by_memory ? cores : by_memory))
}

# build PRESET [TARGET…]: configures and builds; without targets, everything.
build() {
  local preset=$1
  shift
  local targets=()
  (($#)) && targets=(--target "$@")
  mkdir -p "build/$preset"
  cmake --preset "$preset" >"build/$preset/configure.log" 2>&1 || {
    tail -n 40 "build/$preset/configure.log" >&2
    die "cmake --preset $preset failed"
  }
  cmake --build "build/$preset" --parallel "$(build_jobs)" "${targets[@]}" >&2 ||
    die "the $preset build failed"
}
