/* Time: playing, stepping, scrubbing. Slow motion is of the recording: it changes nothing. */
import {$, calm} from './dom.js';
import {S} from './state.js';
import {spoken, update} from './stage.js';
import {remember} from './address.js';

let frame = 0;

export function setTime(t) {
  const asked = Math.max(0, Math.min(S.span, t));
  S.t = asked;
  S.i = 0;
  if (asked > 0) {
    let low = 0, high = S.steps.length; /* the first step after t */
    while (low < high) { const mid = (low + high) >> 1; if (S.steps[mid].at <= asked + 1e-9) low = mid + 1; else high = mid; }
    S.i = asked >= S.span - 1e-9 ? S.steps.length : low;
  }
}

/* Of a run that still goes on, nothing is shown before it has come. */
function horizon() {
  let most = Infinity;
  for (const {live, run} of S.rows) {
    if (!live) continue;
    const next = run.steps[live.arrived];
    most = Math.min(most, next ? next.at - 1e-6 : live.arrived ? run.elapsed - 1e-4 : 0);
  }
  return Math.max(most, 0);
}

export const isLive = () => S.rows.some(row => row.live);

export function scrub(t) {
  stop();
  S.stepping = null;
  setTime(Math.min(t, horizon()));
  update();
}

export function tell() { $('said').textContent = spoken(); }

export function rest() { tell(); remember(); }

export function step(by) {
  stop();
  S.i = Math.max(0, Math.min(S.steps.length, S.i + by));
  const last = S.steps[S.i - 1];
  S.stepping = last || null;
  S.t = last ? Math.min(S.span, last.at) : 0;
  update();
  rest();
}

export function stop() {
  if (!S.playing) return;
  S.playing = false;
  cancelAnimationFrame(frame);
  update();
}

/* Nothing glides where that is not wanted: time jumps from step to step, at their times. */
function jumped(t) {
  const last = S.steps.findLast(one => one.at <= t);
  return t >= S.span ? S.span : Math.max(last ? last.at : 0, 1e-6);
}

export function play() {
  if (S.playing) { stop(); tell(); return; }
  if (S.t >= S.span - 1e-9 && !isLive()) setTime(0);
  S.playing = true;
  S.stepping = null;
  let before = performance.now(), t = S.t;
  const next = now => {
    t = Math.min(t + Math.max(0, now - before) / 1000 * S.speed, horizon());
    before = now;
    setTime(calm() ? jumped(t) : t);
    if (t >= S.span && !isLive()) {
      S.playing = false;
      update();
      rest();
      return;
    }
    update();
    frame = requestAnimationFrame(next);
  };
  frame = requestAnimationFrame(next);
  update();
}
