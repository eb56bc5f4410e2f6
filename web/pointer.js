/* The pointer: dragging in the lanes is scrubbing; hovering tells what was there, and rings what was said. */
import {$} from './dom.js';
import {S, geo} from './state.js';
import {secs} from './words.js';
import {rest, scrub} from './transport.js';
import {lensText} from './dense.js';

const STATES = {waiting: 'waits', blocking: 'holds the thread', ready: 'could go on, but cannot', idle: 'has not begun', undone: 'this part never happened'};
const timeAt = event => (event.clientX - $('rulebox').getBoundingClientRect().left - geo.padL) / (geo.w - geo.padL - geo.padR) * S.axis;

function tipFor(row, event) {
  const at = timeAt(event), y = event.clientY - row.box.getBoundingClientRect().top, run = row.run;
  if (!row.lane) return run.all.length > 40 && y > 20 && y < 170 ? lensText(run, (y - 20) / 150, at) : '';
  const lane = run.order[Math.floor((y - row.lane.top) / row.lane.lane)];
  if (!lane) return '';
  if (lane.inside) return `${lane.kind}, ${secs(lane.from)} to ${secs(lane.to, true)}`;
  const seg = lane.segs.find(one => at >= one.from && at <= one.to);
  return seg ? `task ${lane.n} ${STATES[seg.state]}, ${secs(seg.from, seg.from > 1e-3)} to ${secs(seg.to, true)}` : '';
}

export function pointer() {
  let drag = null;
  const tip = $('tip'), rows = $('rows');
  rows.addEventListener('pointerdown', event => {
    if (S.asking || !event.target.closest('.lanes') || event.button) return;
    drag = event.pointerId;
    scrub(timeAt(event));
  });
  addEventListener('pointermove', event => {
    if (drag === event.pointerId) scrub(timeAt(event));
    const box = event.target.closest?.('.lanes'), row = box && S.rows.find(one => one.box === box);
    const string = row && !S.asking && drag == null && event.pointerType !== 'touch' ? tipFor(row, event) : '';
    tip.classList.toggle('on', !!string);
    if (!string) return;
    tip.textContent = string;
    tip.style.left = Math.min(event.clientX + 14, innerWidth - 290) + 'px';
    tip.style.top = Math.min(event.clientY + 16, innerHeight - tip.offsetHeight - 8) + 'px';
  });
  for (const name of ['pointerup', 'pointercancel']) addEventListener(name, event => {
    if (drag !== event.pointerId) return;
    drag = null;
    rest();
  });
  /* A line of output rings its mark in the lane. */
  const ring = (event, is) => {
    const line = event.target.closest?.('.out li[data-step]'), row = line && S.rows.find(one => one.printed.contains(line));
    for (const mark of row && row.marks && row.marks[line.dataset.step - 1] || []) mark.classList.toggle('ring', is);
  };
  rows.addEventListener('pointerover', event => ring(event, true));
  rows.addEventListener('pointerout', event => ring(event, false));
}
