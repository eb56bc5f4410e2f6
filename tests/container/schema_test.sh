#!/usr/bin/env bash
# docker/kubernetes.yaml against the schema of the Kubernetes API.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh" "$@"
here=$source_dir/tests/container
need node npm
python=$(find_yaml_python) || skip 'not installed: python3-yaml'

modules=$(mktemp --directory)
trap 'rm -rf "$modules"' EXIT
cp "$here/package.json" "$modules"
npm install --prefix "$modules" --silent --no-audit --no-fund --no-package-lock >"$modules/log" 2>&1 ||
  skip 'npm cannot install kubernetes-models'
"$python" "$here/manifest_check.py" "$source_dir" --json | node "$here/schema_check.mjs" "$modules"
