# What the scripts share. Sourced in the project's root: . script/lib.sh
# shellcheck shell=bash

# build PRESET [TARGET...]: for use, so without tests in a fresh tree, which then needs no test library.
# build_tests PRESET [TARGET...]: for who works on awaitd: with tests, and warnings are errors.
# Both say nothing when all is well but, on a terminal, how far they are in one line.
build() {
  local options=()
  [ -f "build/$1/CMakeCache.txt" ] || options=(-DAWAITD_TESTS=OFF)
  configure "$1" "${options[@]}" && compile "$@"
}

build_tests() {
  configure "$1" -DAWAITD_TESTS=ON -DAWAITD_WERROR=ON && compile "$@"
}

configure() {
  local log=build/$1/configure.log
  mkdir -p "build/$1"
  cmake --preset "$@" >"$log" 2>&1 || {
    cat "$log" >&2
    return 1
  }
}

compile() {
  local preset=$1
  shift
  compile_in "build/$preset" "$@"
}

compile_in() {
  local folder=$1
  shift
  local command=(cmake --build "$folder" ${1:+--target "$@"} --)
  if [ -t 1 ]; then
    "${command[@]}" 2>&1 | steps
  else
    "${command[@]}" --quiet 2>&1 | { grep -v '^ninja: no work to do' || true; }
  fi
}

# Of what ninja says: its steps on one line that changes, and all else as it is.
steps() {
  local line
  while IFS= read -r line; do
    case $line in
      '['*) printf '\r\e[K%.78s' "$line" ;;
      'ninja: no work to do'*) ;;
      *) printf '\r\e[K%s\n' "$line" ;;
    esac
  done
  printf '\r\e[K'
}

# counted COUNT WHAT: passes each line of stdin on as it comes; on a terminal a counter tells how many
# of COUNT came, for work whose steps say their name
counted() {
  local count=$1 what=$2 done=0 line
  while IFS= read -r line; do
    printf '%s\0' "$line"
    done=$((done + 1))
    [ ! -t 2 ] || printf '\r\e[K%s: %d of %d  %.50s' "$what" "$done" "$count" "$line" >&2
  done
  [ ! -t 2 ] || printf '\r\e[K' >&2
}

# need_version TOOL MAJOR: each version formats and objects a little otherwise
need_version() {
  local found
  found=$("$1" --version 2>/dev/null | grep -oE '[0-9]+[.][0-9]+' | head -n 1) || true
  [ "${found%%.*}" = "$2" ] || {
    echo "$0: the code is held to Debian 12's $1 $2, and here is ${found:-none}: run it on Debian 12" >&2
    return 1
  }
}
