/* The same as a table, for who cannot or does not want to see the picture. */
import {$, h} from './dom.js';
import {S} from './state.js';
import {secs} from './words.js';

const MOST_STEPS = 60;
const WHAT = {awaited: 'awaits', blocking: 'holds the thread', forgotten: 'does not await'};

export function table() {
  const details = $('table');
  if (!details.open) return;
  details.lastElementChild.replaceChildren(...S.rows.map((row, j) => {
    const steps = row.run.steps, left = steps.length - MOST_STEPS;
    const lines = steps.slice(0, MOST_STEPS).map(step => h('tr', {}, h('td', {}, secs(step.at, true)), h('td', {}, String(step.task)),
      h('td', {}, step.kind === 'says' ? `says ${step.says}` : WHAT[step.kind] || step.kind + (step.reason ? `: ${step.reason}` : ''))));
    if (left > 0) lines.push(h('tr', {}, h('td', {colspan: 3}, `and ${left} more`)));
    return h('table', {}, h('caption', {}, `${'ABCD'[j]} ${row.target}: ${secs(row.run.elapsed, true)}`),
      h('thead', {}, h('tr', {}, ...['at', 'task', 'what'].map(name => h('th', {scope: 'col'}, name)))), h('tbody', {}, lines));
  }));
}
