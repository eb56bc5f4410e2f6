#!/usr/bin/env bash
# page_test.sh AWAITD WORK SHARD OF: the page's tests, each OF-th of them. Screenshots are left in
# WORK/shots. Skips (77) with its reason where Chromium does not start.
set -euo pipefail
awaitd=$1 work=$2 shard=$3 of=$4
here=$(cd "$(dirname "$0")" && pwd)

# Debian's own: selenium's modules are there.
python=/usr/bin/python3
"$python" -c 'import selenium' 2>/dev/null || {
  echo 'SKIP: not installed: python3-selenium'
  exit 77
}

# axe-core finds what is wrong for people who do not see or do not point.
modules=$work/modules
mkdir -p "$modules"
(
  flock 9
  [ -f "$modules/node_modules/axe-core/axe.min.js" ] ||
    { cp "$here/package.json" "$modules" && command -v npm >/dev/null &&
      npm install --prefix "$modules" --silent --no-audit --no-fund --no-package-lock >"$modules/log" 2>&1; } ||
    echo 'axe-core cannot be installed: its one test is skipped'
) 9>"$work/lock"

export PAGE_AWAITD=$awaitd PAGE_SHOTS=$work/shots PAGE_AXE=$modules/node_modules/axe-core/axe.min.js
exec "$python" -B "$here/page_test.py" "$shard" "$of"
