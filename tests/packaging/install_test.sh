#!/usr/bin/env bash
# cmake --install puts things where Debian expects them, and what it puts there works.
. "$(dirname "$0")/lib.sh" "$@"

same 'what is installed' "$(
  cat <<'END'
644 /etc/awaitd/awaitd.json
644 /lib/systemd/system/awaitd.service
644 /lib/systemd/system/awaitd.socket
755 /usr/bin/awaitd
644 /usr/share/doc/awaitd/changelog.gz
644 /usr/share/doc/awaitd/copyright
644 /usr/share/man/man1/awaitd.1.gz
END
)" "$(cd "$installed" && find . -type f -printf '%m %P\n' | sed 's| | /|' | sort -k 2)"

holds 'the binary runs' "$awaitd" --version

# It names every setting with its default, so reading it changes nothing.
same 'the sample configuration, read and printed again' "$(cat "$configuration")" \
  "$(env -i "$awaitd" --config "$configuration" --check-config)"
same 'and without it' "$(cat "$configuration")" "$(env -i "$awaitd" --check-config)"

holds 'the licence is that of the sources' diff \
  <(sed '1,/^$/d; 1,/^$/d' "$source_dir/LICENSE" | tr -s ' \n' ' ') \
  <(sed -n '/^ Permission/,$p' "$installed/usr/share/doc/awaitd/copyright" |
    sed 's/^ \.$//' | sed 's/^ //' | tr -s ' \n' ' ')

# Another prefix reaches the unit, too.
cd "$source_dir"
cmake --preset release -B "$work/local" -DAWAITD_TESTS=OFF -DCMAKE_INSTALL_PREFIX=/usr/local >/dev/null
same 'with another prefix the unit starts' \
  '/usr/local/bin/awaitd --config /usr/local/etc/awaitd/awaitd.json' \
  "$(setting "$work/local/install/awaitd.service" ExecStart)"
finish
