/*
 * The page's address says what it shows: ?a=/parallel&b=/sequence&t=1.2&speed=0.25, and after #r= a
 * recording itself, so that a link to it works for ever, and without a server.
 */
import {S} from './state.js';
import {fromServer} from './ask.js';

const KEYS = ['a', 'b', 'c', 'd'];
const LONGEST_RECORDING = 8192;

export function readAddress() {
  const given = new URLSearchParams(location.search);
  return {
    targets: KEYS.map(key => given.get(key)).filter(Boolean),
    t: given.has('t') ? +given.get('t') : null, step: given.has('step') ? +given.get('step') : null,
    speed: +given.get('speed') || 1, language: given.get('lang') === 'c' ? 'C' : 'Python',
    predict: given.has('predict'), theme: given.get('theme'), embed: given.has('embed'), scene: +given.get('scene') || 0,
  };
}

export function link() {
  const parts = S.rows.map((row, j) => `${KEYS[j]}=${row.target.replace(/&/g, '%26').replace(/#/g, '%23').replace(/\+/g, '%2B')}`);
  if (S.t < S.span - 1e-9 && !S.playing) parts.push(`t=${+S.t.toFixed(4)}`);
  if (S.speed !== 1) parts.push(`speed=${S.speed}`);
  if (S.language === 'C') parts.push('lang=c');
  if (document.body.classList.contains('embed')) parts.push('embed=1');
  return '?' + parts.join('&');
}

export function remember(isNew) {
  if (location.hash.startsWith('#r=') && !isNew) return;
  history[isNew ? 'pushState' : 'replaceState'](null, '', link());
}

/* ---- a recording in the address ------------------------------------------------------------------ */

const through = (bytes, stream) => new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer();

/* What is needed to draw it again; "" where that is too long for a link. */
export async function packed() {
  const rows = S.rows.slice(0, 2).map(({target, run}) => ({
    request: target, endpoint: run.endpoint, plan: run.plan, sleep: run.sleep, count: run.count, groups: run.head.groups, tasks: run.head.tasks,
    outcome: run.outcome, reason: run.end.reason, error: run.error, elapsed_seconds: run.elapsed, timeline: run.entries,
  }));
  const bytes = new Uint8Array(await through(JSON.stringify(rows), new CompressionStream('deflate-raw')));
  const text = btoa(String.fromCharCode(...bytes.slice(0, LONGEST_RECORDING))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  return text.length > LONGEST_RECORDING ? '' : '#r=' + text;
}

export async function unpacked() {
  if (!location.hash.startsWith('#r=')) return null;
  try {
    const text = atob(location.hash.slice(3).replace(/-/g, '+').replace(/_/g, '/'));
    const bytes = Uint8Array.from(text, sign => sign.charCodeAt(0));
    const rows = JSON.parse(new TextDecoder().decode(await through(bytes, new DecompressionStream('deflate-raw'))));
    return rows.map(row => ({target: row.request, run: fromServer(row), guess: null}));
  } catch {
    return null;
  }
}
