/*
 * What the page shows, in one object that all pieces read and write.
 *
 * The position is (t, i): seconds, and how many steps have happened. Playing and scrubbing set t,
 * and i follows; stepping sets i, and t follows. t = 0, i = 0 is before everything.
 */
export const S = {
  rows: [],        /* {target, run, guess, problem, live, ...}; A to D */
  steps: [],       /* of all rows: {at, j, k, row}, by millisecond, then row, then order in the row */
  t: 0,
  i: 0,
  stepping: null,  /* the step that was stepped to; its sentence says what it does */
  playing: false,
  asking: false,   /* "predict first": the pictures are covered */
  guessed: false,
  gone: false,     /* the server does not answer */
  limits: null,    /* what the server told of its limits */
  speed: 1,
  letters: true,
  language: 'Python',
  axis: 1,         /* seconds that the lanes show */
  span: 1,         /* of them, seconds that something lasts */
};

/* Of the picture, in pixels. */
export const geo = {w: 0, padL: 56, padR: 30, step: 1, off: 0};

/* Steps of one moment are walked through row by row. */
export const moment = at => Math.round(at * 1000) / 1000;

export function sortSteps() {
  S.span = Math.max(...S.rows.map(row => row.run.elapsed), 1e-5);
  S.steps = S.rows
    .flatMap((row, j) => row.run.steps.map((step, k) => ({at: moment(step.at), j, k, row: row.run})))
    .sort((x, y) => x.at - y.at || x.j - y.j || x.k - y.k);
  S.i = Math.min(S.i, S.steps.length);
}

/* How many of a row's steps are among the first i: counted on from the last time, either way. */
const counted = {steps: null, i: 0, of: []};
export function stepsOfRow(j) {
  if (counted.steps !== S.steps) Object.assign(counted, {steps: S.steps, i: 0, of: S.rows.map(() => 0)});
  while (counted.i < S.i) counted.of[S.steps[counted.i++].j]++;
  while (counted.i > S.i) counted.of[S.steps[--counted.i].j]--;
  return counted.of[j];
}
