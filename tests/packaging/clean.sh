#!/usr/bin/env bash
# Takes away what the packaging tests have made.
. "$(dirname "$0")/lib.sh" "$@"
rm -rf --one-file-system "$work"
