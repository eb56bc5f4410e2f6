/*
 * A recording becomes a run: lanes to draw, and steps to walk either way.
 *
 * A recording is what the server tells: {head, entries, end}, as format=ndjson sends them line by
 * line, or as one object from /runs/ID.
 */

/* Lanes in the order of the plan: groups, each before what is in it. The three fixed shapes have no
   lane for their one group. */
function lanesOf(head) {
  const tasks = [], groups = (head.groups || []).map(group => ({...group, first: Infinity, inside: []}));
  for (const range of head.tasks) {
    const [first, last] = range.tasks || [range.task, range.task];
    for (let n = first; n <= last; n++)
      tasks.push({n, group: range.group, delay: range.delay_seconds, kind: 'hi', segs: [], marks: [], ends: []});
  }
  const lanes = new Map(tasks.map(task => [task.n, task]));
  if (head.endpoint !== 'run') return {order: tasks, lanes, groups: []};
  const byNumber = new Map(groups.map(group => [group.group, group]));
  const root = {inside: [], first: 0};
  const place = (item, parent, n) => {
    (byNumber.get(parent) || root).inside.push(item);
    for (let up = byNumber.get(parent); up; up = byNumber.get(up.parent)) up.first = Math.min(up.first, n);
  };
  for (const task of tasks) place(task, task.group, task.n);
  for (const group of groups) place(group, group.parent, Infinity);
  const order = [];
  const visit = (item, depth) => {
    item.depth = depth;
    order.push(item);
    if (item.inside) for (const child of item.inside.sort((x, y) => (x.n || x.first) - (y.n || y.first))) visit(child, depth + 1);
  };
  for (const child of root.inside.sort((x, y) => (x.n || x.first) - (y.n || y.first))) visit(child, 0);
  return {order, lanes, groups};
}

const REASONS = {
  client_left: 'client left', drained: 'server stopped', timeout: 'timed out', lost_race: 'lost the race',
  sibling_failed: 'another failed', asked_to: 'asked to stop', abandoned: 'abandoned',
};
const reasonOf = reason => REASONS[reason] || reason;

export function toRun(target, {head, entries, end}) {
  const {order, lanes, groups} = lanesOf(head), all = [...lanes.values()];
  const delays = all.map(lane => lane.delay), sleep = head.sleep || 'awaited';
  const run = {
    target, head, entries, end, order, groups, all, lanes, delays, sleep,
    endpoint: head.endpoint, plan: head.plan, count: head.count,
    mixed: head.endpoint !== 'run' && delays.some(delay => delay !== delays[0]),
    oneByOne: head.endpoint !== 'run' && (head.endpoint !== 'parallel' || sleep === 'blocking'),
    isPlan: head.endpoint === 'run', density: head.density,
    elapsed: end.elapsed_seconds, outcome: end.outcome, reason: end.reason && reasonOf(end.reason),
    error: end.error, steps: [], out: [], warnings: 0,
  };
  const open = (lane, state, at) => {
    const last = lane.segs[lane.segs.length - 1];
    if (last && last.to == null) last.to = at;
    if (state) lane.segs.push({state, from: at, to: null});
  };
  const step = (entry, lane, kind, is, more) => {
    run.steps.push({at: entry.at_seconds, task: lane.n, kind, is, was: lane.is, ...more});
    lane.is = is;
  };
  for (const lane of all) lane.is = lane.from0 = sleep === 'awaited' && run.oneByOne || run.isPlan ? 'idle' : 'ready';
  /* A task that was let go on late says so when it goes on: that entry is older than those before it. */
  const sorted = entries.map((entry, n) => [entry, n]).sort((x, y) => x[0].at_seconds - y[0].at_seconds || x[1] - y[1]);
  for (const [entry] of sorted) {
    const [first, last] = entry.tasks || [entry.task, entry.task];
    for (let n = first; n <= last; n++) {
      const lane = lanes.get(n), at = entry.at_seconds;
      if (!lane) continue;
      lane.begun ??= at;
      if (entry.says) {
        const isFirst = entry.says === 'Hello';
        step(entry, lane, 'says', isFirst ? 'said' : 'done', {says: entry.says, first: isFirst});
        lane.marks.push({at, says: entry.says, k: run.steps.length - 1, first: isFirst});
        run.out.push({task: n, says: entry.says, step: run.steps.length});
        open(lane, null, at);
        lane[isFirst ? 'hello' : 'world'] = at;
      } else if (entry.state === 'waiting' || entry.state === 'blocking') {
        open(lane, entry.state, at);
        step(entry, lane, entry.state === 'waiting' ? 'awaited' : 'blocking', entry.state);
      } else if (entry.state === 'ready') {
        open(lane, 'ready', at);
      } else if (entry.state === 'forgotten') {
        run.warnings++;
        step(entry, lane, 'forgotten', 'forgot');
      } else if (entry.state === 'done') {
        open(lane, null, at);
        lane.finished = at;
      } else { /* failed or cancelled */
        open(lane, null, at);
        const ended = {at, state: entry.state, reason: entry.reason && reasonOf(entry.reason), k: run.steps.length};
        step(entry, lane, entry.state, entry.state, {reason: ended.reason});
        lane.ends.push(ended);
        lane.finished = at;
      }
    }
  }
  for (const lane of all) finishLane(run, lane);
  for (const group of groups) {
    const inside = laneNumbers(group).map(n => lanes.get(n)).filter(lane => lane.begun != null);
    group.kind = group.kind || 'group';
    group.from = Math.min(...inside.map(lane => lane.begun), run.elapsed);
    group.to = Math.max(...inside.map(lane => lane.finished ?? run.elapsed), group.from);
  }
  let outs = 0;
  for (const one of run.steps) one.outs = outs += one.kind === 'says';
  return run;
}

const laneNumbers = group => group.inside.flatMap(item => item.inside ? laneNumbers(item) : [item.n]);

/* What was before a task's first entry, and what never came after its last. */
function finishLane(run, lane) {
  const begun = lane.begun ?? run.elapsed, last = lane.segs[lane.segs.length - 1];
  if (begun > 5e-4 && lane.begun !== 0) lane.segs.unshift({state: lane.from0 === 'ready' ? 'ready' : 'idle', from: 0, to: begun});
  if (last && last.to == null) last.to = run.elapsed;
  /* A moment of lateness is no state to see: what came before it lasts until it is over. */
  lane.segs = lane.segs.filter((seg, k) => {
    const isShort = seg.state === 'ready' && seg.to - seg.from < run.elapsed / 100, before = lane.segs[k - 1];
    if (isShort && before) before.to = seg.to;
    return !isShort;
  });
  if (lane.begun != null && lane.finished == null && run.outcome === 'cancelled') {
    lane.ends.push({at: run.elapsed, state: 'cancelled', reason: run.reason, k: run.steps.length});
    run.steps.push({at: run.elapsed, task: lane.n, kind: 'cancelled', is: 'cancelled', was: lane.is, reason: run.reason});
    lane.is = 'cancelled';
  }
  lane.end = lane.ends[lane.ends.length - 1];
  if (lane.end && lane.end.state === 'cancelled' && last && last.state === 'waiting' && lane.delay + last.from > lane.end.at)
    lane.segs.push({state: 'undone', from: lane.end.at, to: last.from + lane.delay});
}

/* Where every task of a run stands after i steps: walked on from the last time, either way. */
export function stateAt(run, i) {
  let cursor = run.cursor;
  if (!cursor) {
    cursor = run.cursor = {i: 0, of: new Map(run.all.map(lane => [lane.n, lane.from0])), count: {}};
    for (const state of cursor.of.values()) cursor.count[state] = (cursor.count[state] || 0) + 1;
  }
  const move = (task, from, to) => {
    cursor.count[from]--;
    cursor.count[to] = (cursor.count[to] || 0) + 1;
    cursor.of.set(task, to);
  };
  while (cursor.i < i) { const step = run.steps[cursor.i++]; move(step.task, step.was, step.is); }
  while (cursor.i > i) { const step = run.steps[--cursor.i]; move(step.task, step.is, step.was); }
  return cursor;
}
