/*
 * The same picture where there are more tasks than room for lanes: one line a task on a canvas, and
 * above a thousand a band of how many were in which state.
 */
import {h, s, phone} from './dom.js';
import {S, geo} from './state.js';
import {describe, secs} from './words.js';
import {X, text, label, grid, dimensions, finish, threadName} from './picture.js';

function sizes() {
  const small = phone(), top = 20, high = small ? 120 : 150, thread = small ? 14 : 17, threadY = top + high + 8;
  const base = threadY + thread, dimY = base + 18;
  return {small, top, high, thread, threadY, base, dimY, tall: S.rows.length > 2 ? base + 8 : dimY + 12};
}

/* A canvas knows no CSS variables. */
function colours(names) {
  const probe = h('i', {}), out = {};
  document.body.append(probe);
  for (const name in names) {
    probe.style.color = `var(${names[name]})`;
    out[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return out;
}

function canvasOf(z) {
  const ratio = devicePixelRatio || 1, canvas = h('canvas', {width: geo.w * ratio, height: z.high * ratio, 'aria-hidden': 'true'});
  Object.assign(canvas.style, {width: geo.w + 'px', height: z.high + 'px', top: z.top + 'px'});
  const pen = canvas.getContext('2d');
  pen.scale(ratio, ratio);
  return [canvas, pen];
}

/* The hatch is cut over all of them at once. */
function hatch(pen, z, colour) {
  pen.globalCompositeOperation = 'source-atop';
  pen.globalAlpha = .5;
  pen.strokeStyle = colour;
  pen.lineWidth = 3;
  pen.beginPath();
  for (let x = -z.high; x < geo.w + z.high; x += 9) {
    pen.moveTo(x, z.high);
    pen.lineTo(x + z.high, 0);
  }
  pen.stroke();
  pen.globalCompositeOperation = 'source-over';
  pen.globalAlpha = 1;
}

function lines(run, z) {
  const [canvas, pen] = canvasOf(z), n = run.all.length, lane = z.high / n, thick = Math.max(2, lane > 3 ? lane - 1 : lane);
  const colour = colours({waiting: '--wait', blocking: '--block', ready: '--readybg', idle: '--sunk', card: '--card', failed: '--fail', cancelled: '--muted',
    tick: run.sleep === 'blocking' ? '--block' : '--run'});
  const each = (states, paint) => run.all.forEach((task, k) => {
    for (const seg of task.segs) if (states.includes(seg.state)) paint(seg, k * lane);
  });
  each(['idle', 'ready'], (seg, y) => {
    pen.fillStyle = colour[seg.state];
    pen.fillRect(X(seg.from), y, X(seg.to) - X(seg.from), lane + .6);
  });
  pen.globalAlpha = .85;
  each(['waiting', 'blocking'], (seg, y) => {
    pen.fillStyle = colour[seg.state];
    pen.fillRect(X(seg.from), y, Math.max(1, X(seg.to) - X(seg.from)), thick);
  });
  if (!run.oneByOne) hatch(pen, z, colour.card);
  pen.globalAlpha = 1;
  run.all.forEach((task, k) => {
    pen.fillStyle = colour.tick;
    for (const mark of task.marks) pen.fillRect(X(mark.at < 1e-3 ? 0 : mark.at) - .75, k * lane, 1.5, thick);
    for (const end of task.ends) {
      pen.fillStyle = colour[end.state];
      pen.fillRect(X(end.at) - .75, k * lane, 2, thick);
    }
  });
  return canvas;
}

/* What the picture shows, in words, where there is room beside it. */
function callouts(svg, run, z) {
  const end = X(run.elapsed), n = run.count, [first, ...rest] = [1, Math.round(n / 2), n];
  svg.append(text(0, z.top + 6, z.small ? String(first) : `task ${first}`, {size: z.small ? 11 : 13, kind: 't-muted'}));
  rest.forEach((k, at) => svg.append(text(0, z.top + z.high * (at + 1) / 2 - at * 6, k.toLocaleString('en'), {size: z.small ? 11 : 13, kind: 't-muted'})));
  const wait = {size: 13, weight: 600, fill: 'var(--waitink)', ground: 'var(--waitbg)', pad: 16};
  if (end - X(0) < 40) {
    svg.append(s('path', {d: `M${end + 6} ${z.top + z.high / 2}h18`, stroke: 'var(--muted)'}),
      label(end + 26, z.top + z.high / 2, z.small ? `all ${n} wait here` : `all ${n} wait at once, in this sliver`, wait));
  } else if (run.oneByOne) {
    const held = run.sleep === 'blocking';
    svg.append(text(X(run.elapsed * .06), z.top + z.high * .86, held ? 'could go on' : 'not begun', {size: 13, kind: 't-muted'}));
    if (!z.small) svg.append(label(X(run.elapsed * .5) + 34, z.top + z.high * .3, held ? 'one at a time: the thread is taken' : 'each begins when the one before it is done',
      held ? {...wait, fill: 'var(--block)', ground: 'var(--blockbg)'} : wait));
  }
}

/* Marks have a least width: where they are dense they would look like a busy thread, which it is not. */
function threadLane(svg, run, z) {
  const end = X(run.elapsed), held = run.sleep === 'blocking', mid = z.threadY + z.thread / 2;
  threadName(svg, z.threadY, z.thread, z.small);
  svg.append(s('rect', {x: X(0), y: z.threadY, width: Math.max(4, end - X(0)), height: z.thread, rx: 3, fill: held ? 'var(--block)' : 'var(--sunk)', stroke: 'var(--line)'}));
  const at = new Set(run.steps.map(step => Math.round(X(step.at < 1e-3 ? 0 : step.at)))), isDense = at.size * 8 >= end - X(0);
  if (!isDense) svg.append(s('path', {d: [...at].map(x => `M${x} ${z.threadY}v${z.thread}`).join(''), stroke: 'var(--run)', 'stroke-width': 1.6}));
  if (held || end - X(0) < 150) return;
  const turns = `free, but for ${2 * run.count} turns`;
  svg.append(text((X(0) + end) / 2, mid, isDense ? z.small ? turns : `${turns} of some microseconds each` : 'free', {anchor: 'middle', size: 11.5, kind: 't-muted'}));
}

/* How many were in which state: stacked areas, of samples {at_seconds, ready, waiting, ...}. */
function band(run, z) {
  const [canvas, pen] = canvasOf(z), states = ['done', 'cancelled', 'waiting', 'blocking', 'ready'];
  const colour = colours({done: '--donebg', cancelled: '--line', waiting: '--wait', blocking: '--block', ready: '--readybg', card: '--card'});
  pen.fillStyle = colours({sunk: '--sunk'}).sunk;
  pen.fillRect(X(0), 0, X(run.elapsed) - X(0), z.high);
  run.density.forEach((sample, k) => {
    const x = X(sample.at_seconds), next = run.density[k + 1], w = X(next ? next.at_seconds : run.elapsed) - x;
    let y = z.high;
    for (const state of states) {
      const tall = (sample[state] || 0) / run.count * z.high;
      pen.fillStyle = colour[state];
      pen.fillRect(x, y -= tall, Math.max(1, w), tall);
    }
  });
  hatch(pen, z, colour.card);
  return canvas;
}

export function drawDense(row) {
  const run = row.run, z = sizes(), svg = s('svg', {width: geo.w, height: z.tall, role: 'img', 'aria-label': describe(run)});
  row.marks = null;
  row.lane = null;
  grid(svg, z.base);
  const canvas = run.density ? band(run, z) : lines(run, z);
  if (run.density) svg.append(text(0, z.top + 6, run.count.toLocaleString('en'), {size: 12, kind: 't-muted'}), text(0, z.top + z.high - 6, 'tasks', {size: 12, kind: 't-muted'}));
  else callouts(svg, run, z);
  threadLane(svg, run, z);
  if (S.rows.length <= 2) dimensions(svg, run, z.dimY);
  finish(row, svg, {tall: z.tall, base: z.base, canvas});
}

/* A lens over a dense picture: nine lanes around the pointer, by name, with what they do there. */
export function lensText(run, share, at) {
  const n = run.all.length, mid = Math.min(n - 1, Math.max(0, Math.floor(share * n))), from = Math.max(0, Math.min(n - 9, mid - 4));
  const names = {waiting: 'waits', blocking: 'holds the thread', ready: 'could go on', idle: 'not begun', undone: 'cancelled'};
  return run.all.slice(from, from + 9).map(lane => {
    const seg = lane.segs.find(one => at >= one.from && at <= one.to);
    return `${lane === run.all[mid] ? '▸' : '\u2007'} task ${lane.n}: ${seg ? `${names[seg.state]}, ${secs(seg.from)} to ${secs(seg.to)}` : at < (lane.begun ?? Infinity) ? 'not begun' : 'done'}`;
  }).join('\n');
}
