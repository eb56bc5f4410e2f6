#!/usr/bin/env bash
# docker/kubernetes.yaml and docker/compose.yaml: what must fit each other.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh" "$@"
python=$(find_yaml_python) || skip 'not installed: python3-yaml'
"$python" "$source_dir/tests/container/manifest_check.py" "$source_dir"
