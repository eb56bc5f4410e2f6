#!/usr/bin/env bash
# The man page: without a warning, with every section, and with every option of the options table.
. "$(dirname "$0")/lib.sh" "$@"
need man groff

page=$work/awaitd.1
gzip -dc "$installed/usr/share/man/man1/awaitd.1.gz" >"$page"

same 'what man has to say of it' '' "$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 \
  man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null)"
if command -v mandoc >/dev/null; then
  same 'what mandoc has to say of it' '' "$(mandoc -Tlint -Wwarning "$page")"
fi

same 'its sections' "$(
  printf '%s\n' NAME SYNOPSIS DESCRIPTION ENDPOINTS OPTIONS ENVIRONMENT FILES SIGNALS \
    'EXIT STATUS' EXAMPLES 'SEE ALSO'
)" "$(sed -n 's/^\.SH //p' "$page")"
same 'what is left to fill in' '' "$(grep -n '@' "$page" || true)"

text=$(LC_ALL=C.UTF-8 MANWIDTH=80 man --nh --nj -l "$page" | col -bx | tr -s ' \n' ' ')
mentions() { grep -qF -- "$1" <<<"$text"; }
options=0
while IFS='|' read -r _ option variable default allowed meaning _; do
  for word in "$option" "$variable" "$default" "$allowed" "$meaning"; do
    # shellcheck disable=SC2016
    word=$(sed 's/`, `/, /; s/`//g; s/^ *//; s/ *$//' <<<"$word")
    mentions "$word" || not_ok "the page says '$word'"
  done
  options=$((options + 1))
done < <(env -i "$awaitd" --help=markdown | tail -n +3)
less 'settings that it must have' "$options" 15
for flag in --config --check-config --healthcheck --help --version AWAITD_CONFIG NOTIFY_SOCKET \
  LISTEN_FDS; do
  holds "it has $flag" mentions "$flag"
done
for path in /hi /parallel /sequence /livez /readyz /healthz /metrics /openapi.json; do
  holds "it has $path" mentions "$path"
done
finish
