#!/bin/sh
# Which room may include what. Prints each line that may not stand where it stands, as
# file:line:header, and fails if there is one. The link order in CMakeLists.txt guards the calls,
# this guards the headers.
set -eu
cd "$1"

c='<(assert|complex|ctype|errno|fenv|float|inttypes|iso646|limits|locale|math|setjmp|signal|stdalign'
c="$c|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|tgmath|threads|time"
c="$c|uchar|wchar|wctype)\.h>"
posix='<(dirent|fcntl|netdb|poll|pthread|sched|strings|unistd|(arpa|net|netinet|sys)/[a-z]+)\.h>'
jansson='<jansson\.h>'
uv='<uv\.h>|"async/uv\.h"'
h2o='[<"](server/base/)?h2o'

includes=$(grep -rnE --include='*.[ch]' '^[[:space:]]*#[[:space:]]*include' \
  async config handlers text views tests | sed -E 's/:[[:space:]]*#[[:space:]]*include[[:space:]]*/:/')

of() {
  echo "$includes" | grep -E "^$1" || echo "tests/rooms.sh:0:no file is called $1"
}

# only FILES ALLOWED: prints whatever else they include
only() {
  of "$1" | grep -vE ":[0-9]+:($2)" || true
}

# never FILES FORBIDDEN: prints where they include it
never() {
  of "$1" | grep -E ":[0-9]+:($2)" || true
}

offences=$(
  only 'async/' "$c|$posix|\"async/|$uv"
  never 'async/([^u]|u[^v])' "$uv"
  only 'handlers/' "$c|\"(async|handlers)/"
  never 'handlers/' "$uv"
  never 'handlers/(plan|timeline)' '"async/'
  only 'text/' "$c|\"text/"
  only 'views/' "$c|\"(text|views)/|\"handlers/(plan|timeline)\.h"
  never 'views/' "$uv"
  only 'config/' "$c|$posix|\"(config|text)/|$jansson"
  never 'tests/' "$h2o"
)
[ -n "$offences" ] || exit 0
echo 'A room includes what it may not:'
echo "$offences"
exit 1
