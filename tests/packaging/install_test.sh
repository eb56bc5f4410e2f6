#!/usr/bin/env bash
# cmake --install puts things where Debian expects them, and what it puts there works.
. "$(dirname "$0")/lib.sh" "$@"

same 'what is installed' "$(
  cat <<'END'
644 /etc/awaitd/awaitd.json
755 /usr/bin/awaitd
644 /usr/lib/systemd/system/awaitd.service
644 /usr/lib/systemd/system/awaitd.socket
644 /usr/share/bash-completion/completions/awaitd
644 /usr/share/doc/awaitd/NEWS.gz
644 /usr/share/doc/awaitd/changelog.gz
644 /usr/share/doc/awaitd/copyright
644 /usr/share/fish/vendor_completions.d/awaitd.fish
644 /usr/share/man/man1/awaitd.1.gz
644 /usr/share/zsh/vendor-completions/_awaitd
END
)" "$(cd "$installed" && find . -type f -printf '%m %P\n' | sed 's| | /|' | sort -k 2)"

holds 'the binary runs' "$awaitd" --version

# It names every setting with its default, so reading it changes nothing.
same 'the sample configuration, read and printed again' "$(cat "$configuration")" \
  "$(env -i "$awaitd" --config "$configuration" --check-config)"
same 'the defaults, but that nobody sees the runs of others' "$(cat "$configuration")" "$(env -i "$awaitd" --live off --check-config)"

holds 'the licence is that of the sources' diff \
  <(sed '1,/^$/d; 1,/^$/d' "$source_dir/LICENSE" | tr -s ' \n' ' ') \
  <(sed -n '/^ Permission/,$p' "$installed/usr/share/doc/awaitd/copyright" |
    sed 's/^ \.$//' | sed 's/^ //' | tr -s ' \n' ' ')

same 'and libh2o is in it: Debian 13 has none' '' "$(ldd "$awaitd" | grep h2o || true)"

# ---- elsewhere -----------------------------------------------------------------------------------

# Another prefix reaches the unit, and nothing is written outside of it.
prefix=$work/prefix
rm -rf "$prefix"
cmake --install "$build" --prefix "$prefix" >/dev/null
same 'with another prefix the unit starts' "$prefix/bin/awaitd --config $prefix/etc/awaitd/awaitd.json" \
  "$(setting "$prefix/lib/systemd/system/awaitd.service" ExecStart)"
holds 'which runs' "$prefix/bin/awaitd" --config "$prefix/etc/awaitd/awaitd.json" --check-config
same 'what is there but under /usr, with this prefix and without' \
  "$(cd "$installed" && find . -type f | sed 's|^./usr/||; s|^./||' | sort)" \
  "$(cd "$prefix" && find . -type f | sed 's|^./||' | sort)"
same 'files of the archive outside of its prefix' '' "$(tar -tzf "$tgz" | grep -v '^usr/\(local/.*\)\?$' || true)"
same 'and its unit starts' '/usr/local/bin/awaitd --config /usr/local/etc/awaitd/awaitd.json' \
  "$(setting <(tar -xzOf "$tgz" usr/local/lib/systemd/system/awaitd.service) ExecStart)"
same 'what all this has written on this machine' '' \
  "$(find /etc /lib/systemd /usr/lib/systemd /usr/local -name '*awaitd*' -newer "$work/began" 2>/dev/null || true)"
finish
