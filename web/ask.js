/*
 * Asking the server: format=ndjson, read line by line while the run lasts. clock=virtual answers at
 * once what will happen, so that the picture is there before the first second has passed.
 */
import {toRun} from './run.js';

/* More tasks are not sent one by one; the server's recording has how many were in which state. */
const MOST_TASKS = 1000;
const prefix = 'page-' + Math.random().toString(36).slice(2, 8);
let asked = 0;

export const isMine = id => !!id && id.startsWith(prefix);

/* The target with these parameters in place of its own. */
function withParameters(target, parameters) {
  const [path, query = ''] = target.replace(/#.*/, '').split('?');
  const kept = query.split('&').filter(pair => pair && !(pair.split('=')[0] in parameters));
  return path + '?' + [...kept, ...Object.entries(parameters).map(([name, value]) => `${name}=${value}`)].join('&');
}

export class Refused extends Error {
  constructor(problem, status, retryAfter) {
    super(problem.detail || `The server answered ${status}.`);
    this.problem = problem;
    this.retryAfter = +retryAfter || 0;
  }
}

async function open(target, {signal, method = 'GET', id} = {}) {
  const answer = await fetch(target, {signal, method, cache: 'no-store', headers: id ? {'X-Request-Id': id} : {}});
  if (answer.ok) return answer;
  const isProblem = (answer.headers.get('Content-Type') || '').includes('json');
  throw new Refused(isProblem ? await answer.json() : {}, answer.status, answer.headers.get('Retry-After'));
}

/* Calls `tell` with each line's object; ends early where that returns false. */
async function lines(answer, tell) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const {value, done} = await reader.read();
    if (done) return;
    const parts = (rest + value).split('\n');
    rest = parts.pop();
    for (const part of parts) if (tell(JSON.parse(part)) === false) return void reader.cancel();
  }
}

/* The parts of a recording as they come. `tell` is called after each of them. */
async function record(answer, tell) {
  const recording = {head: null, entries: [], end: null};
  await lines(answer, object => {
    if (!recording.head) recording.head = object;
    else if (object.outcome) recording.end = object;
    else recording.entries.push(object);
    return tell ? tell(recording) : true;
  });
  return recording;
}

/* What will happen, asked for on a clock that jumps. `tooMany` is set where it is only the head. */
export async function foresee(target) {
  const recording = await record(await open(withParameters(target, {clock: 'virtual', format: 'ndjson'})),
    one => one.head.count <= MOST_TASKS);
  if (recording.head.count > MOST_TASKS) return {tooMany: true, head: recording.head};
  return toRun(target, recording);
}

/* What does happen. onEntries() is told of the entries that have come. A run whose
   client leaves, after `leave` seconds, is cut there. */
export async function observe(target, {onEntries, leave}) {
  const controller = new AbortController(), id = `${prefix}-${++asked}`;
  let cut = false, recording = {head: null, entries: [], end: null}, firstAt = 0;
  const timer = leave && setTimeout(() => { cut = true; controller.abort(); }, leave * 1000);
  try {
    await record(await open(withParameters(target, {format: 'ndjson'}), {signal: controller.signal, id}), one => {
      recording = one;
      if (one.entries.length) firstAt ||= performance.now();
      onEntries(one.entries);
    });
  } catch (error) {
    if (!cut && (!recording.head || error instanceof Refused)) throw error;
  }
  clearTimeout(timer);
  recording.end ||= {outcome: 'cancelled', reason: cut ? 'client_left' : 'connection lost',
    elapsed_seconds: cut ? leave : Math.max(0, ...recording.entries.map(entry => entry.at_seconds))};
  const came = firstAt ? (performance.now() - firstAt) / 1000 : 0;
  const run = toRun(target, recording);
  run.cameAtOnce = !cut && run.elapsed > .5 && came < run.elapsed / 5;
  return run;
}

/* A run of more tasks than are sent: it runs without an answer's body, and its recording says how. */
export async function observeMany(target, head) {
  const id = `${prefix}-${++asked}`, answer = await open(target.replace(/#.*/, ''), {method: 'HEAD', id});
  const took = /total;dur=([\d.]+)/.exec(answer.headers.get('Server-Timing') || '');
  const end = {outcome: 'done', elapsed_seconds: took ? took[1] / 1000 : 0};
  for (let tries = 0; tries < 20; tries++) {
    const list = await fetch(`/runs?limit=1&request_id=${id}`);
    if (!list.ok) break;
    const {runs: [kept]} = await list.json();
    if (kept && kept.outcome !== 'running') return fromServer(await (await fetch(`/runs/${kept.run}`)).json());
    await new Promise(done => setTimeout(done, 50));
  }
  return toRun(target, {head: {...head, tasks: [], density: []}, entries: [], end});
}

/* An object of /runs/ID. */
export function fromServer(object) {
  const end = {outcome: object.outcome, reason: object.reason, error: object.error, elapsed_seconds: object.elapsed_seconds || 0};
  return toRun(object.request, {head: {...object, tasks: object.tasks || []}, entries: object.timeline || [], end});
}

export async function fetchRun(id) {
  return fromServer(await (await open(`/runs/${id}`)).json());
}
