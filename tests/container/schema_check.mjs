// Checks Kubernetes objects (a JSON array on standard input) against the schema of the Kubernetes API,
// as the package kubernetes-models carries it: schema_check.mjs FOLDER-WITH-NODE_MODULES
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';

const require = createRequire(process.argv[2] + '/');

// The schema takes unknown fields. But its validators look at every field that the schema knows, so
// what they never looked at is unknown: most likely misspelt.
function watched(value, path, unseen) {
  if (value === null || typeof value !== 'object') return value;
  const copy = Array.isArray(value) ? [] : {};
  for (const [key, child] of Object.entries(value)) {
    unseen.add(`${path}/${key}`);
    copy[key] = watched(child, `${path}/${key}`, unseen);
  }
  return new Proxy(copy, {
    get(target, key) {
      unseen.delete(`${path}/${String(key)}`);
      return target[key];
    },
  });
}

function faultsOf(object) {
  const unseen = new Set();
  try {
    const {[object.kind]: model} = require(`kubernetes-models/${object.apiVersion}/${object.kind}`);
    model.prototype.validate.call(watched(object, '', unseen));
  } catch (error) {
    return [error.message];
  }
  const isTopmost = (path) => !unseen.has(path.slice(0, path.lastIndexOf('/')));
  return [...unseen].filter(isTopmost).map((path) => `unknown field ${path}`);
}

let failures = 0;
for (const object of JSON.parse(readFileSync(0, 'utf8'))) {
  const faults = faultsOf(object);
  const what = `schema: ${object.apiVersion} ${object.kind} ${object.metadata?.name}`;
  console.log(faults.length === 0 ? `ok - ${what}` : `not ok - ${what}\n    ${faults.join('\n    ')}`);
  failures += faults.length;
}
process.exit(failures === 0 ? 0 : 1);
