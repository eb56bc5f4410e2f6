#include "text/put.h"
#include "views/spans.h"
#include "views/states.h"
#include "views/view.h"

/*
 * A run as a picture, for slides and READMEs: the lanes of the page, light and dark. Each state has
 * a colour and a pattern. Bars are to scale; marks, where somebody ran for some microseconds, are
 * not. With clock=virtual the same request always makes the same picture.
 */

/* All in tenths of a pixel. */
#define WIDTH  9600
#define LEFT   640
#define RIGHT  900 /* for the flag at the end */
#define TOP    560
#define LABEL  70 /* what a letter takes at most */
#define NAMED  12 /* so many lanes have names */
#define WORDED 6  /* and so many words */

static uint32_t tasks(const struct timeline *timeline)
{
    return plan_numbered_tasks(&timeline->plan);
}

static bool is_drawn(const struct timeline *timeline)
{
    return tasks(timeline) <= SPANS_TASKS;
}

static bool is_too_many(const struct timeline *timeline)
{
    return !is_drawn(timeline);
}

/* From one lane to the next. */
static int64_t lane(const struct timeline *timeline)
{
    int64_t n = tasks(timeline);
    if (n <= WORDED)
        return 350;
    if (n <= NAMED)
        return 200;
    return 3600 / n > 10 ? 3600 / n : 10;
}

static int64_t bar(const struct timeline *timeline)
{
    int64_t high = lane(timeline);
    return high >= 350 ? 230 : high >= 200 ? 130 : high > 40 ? high - 20 : high;
}

static int64_t lane_y(const struct timeline *timeline, uint32_t task)
{
    return TOP + (int64_t)(task - 1) * lane(timeline);
}

static int64_t bottom(const struct timeline *timeline)
{
    return is_drawn(timeline) ? TOP + (int64_t)tasks(timeline) * lane(timeline) : TOP + 350;
}

/* Of a moment. */
static int64_t x_of(const struct timeline *timeline, int64_t at_ns)
{
    double span_ns = timeline->elapsed_ns > 1000 ? (double)timeline->elapsed_ns : 1000;
    return LEFT + (int64_t)((double)at_ns / span_ns * (WIDTH - LEFT - RIGHT));
}

static char *put_px(char *at, const char *name, int64_t tenths)
{
    at = put_number(put_text(put_text(at, name), "=\""), (uint64_t)tenths / 10);
    if (tenths % 10 != 0) {
        *at++ = '.';
        *at++ = (char)('0' + tenths % 10);
    }
    return put_text(at, "\"");
}

static char *put_rect(char *at, const char *kind, int64_t x, int64_t y, int64_t w, int64_t h)
{
    at = put_text(put_text(put_text(at, "<rect class=\""), kind), "\" ");
    at = put_px(put_px(at, "x", x), " y", y);
    at = put_px(put_px(at, " width", w < 10 ? 10 : w), " height", h);
    return put_text(at, " rx=\"3\"/>");
}

/* Open: whoever calls it puts the text and "</text>". */
static char *put_text_at(char *at, const char *kind, int64_t x, int64_t y)
{
    at = put_text(put_text(put_text(at, "<text class=\""), kind), "\" ");
    at = put_px(put_px(at, "x", x), " y", y);
    return put_text(at, ">");
}

/* ---- the head -------------------------------------------------------------------------------- */

/* The tokens of the page, of which each picture has its own copy. */
static const char *const style[] = {
    "<style>svg{--bg:#fffefb;--ink:#1d2027;--muted:#5a6072;--line:#ddd7c9;--run:#0f4fc4;",
    "--wait:#4a80e2;--waitbg:#e9f1fe;--ready:#8a6100;--readybg:#fdf3d7;--block:#c0330a;",
    "--never:#7b2cbf;--done:#12703f;--fail:#b3123c}\n",
    "@media(prefers-color-scheme:dark){svg{--bg:#161a22;--ink:#e9ecf2;--muted:#9ba5b8;",
    "--line:#2b3240;--run:#8ab8ff;--wait:#5b8fe0;--waitbg:#18263f;--ready:#e2bd4e;",
    "--readybg:#2b2511;--block:#ff8d63;--never:#cfa6ff;--done:#62d39b;--fail:#ff809c}}\n",
    "text{font:13px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;fill:var(--muted)}",
    ".t{font-size:16px;font-weight:650;fill:var(--ink)}.e{text-anchor:end}.c{text-anchor:middle}",
    ".s{font-weight:650;fill:var(--run);stroke:var(--waitbg);stroke-width:4px;paint-order:stroke}",
    ".S{font-weight:650;fill:var(--bg)}.N{fill:var(--never);font-weight:600}",
    ".D{fill:var(--done);font-weight:650}.F{fill:var(--fail);font-weight:650}\n",
    ".g{fill:var(--bg)}.w{fill:url(#w);stroke:var(--wait)}.r{fill:var(--readybg);",
    "stroke:var(--ready);stroke-dasharray:4 3}.b{fill:var(--block)}.m{fill:var(--run)}",
    ".x{fill:var(--muted)}.f{fill:var(--fail)}.n{fill:none;stroke:var(--never);",
    "stroke-dasharray:2 4}.i{fill:none;stroke:var(--muted);stroke-dasharray:1 5}",
    ".l{stroke:var(--line);stroke-dasharray:2 4}.z{stroke:var(--done);stroke-width:1.5}</style>\n",
    "<defs><pattern id=\"w\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\" ",
    "patternTransform=\"rotate(45)\"><rect width=\"8\" height=\"8\" fill=\"var(--waitbg)\"/>",
    "<rect width=\"2.4\" height=\"8\" fill=\"var(--wait)\" opacity=\".5\"/></pattern></defs>\n",
};

static char *put_size(char *at, const struct timeline *timeline, uint32_t item)
{
    int64_t high = (bottom(timeline) + 340) / 10;
    (void)item;
    at = put_number(put_text(at, "960 "), (uint64_t)high);
    at = put_number(put_text(at, "\" width=\"960\" height=\""), (uint64_t)high);
    return put_text(at, "\" role=\"img\">\n");
}

static const char *way(const struct timeline *timeline)
{
    const struct plan *plan = &timeline->plan;
    if (plan->sleep == SLEEP_FORGOTTEN)
        return "no sleep was ever awaited";
    if (plan->sleep == SLEEP_BLOCKING)
        return "time.sleep() held the only thread";
    if (plan->tree != NULL)
        return "as its plan says";
    if (plan->count == 1)
        return "alone";
    return plan->endpoint->one_by_one ? "each waits for the one before it"
                                      : "all wait at the same time";
}

static char *put_words(char *at, const struct timeline *timeline)
{
    at = put_text(put_text(at, timeline->plan.endpoint->name), ": ");
    at = put_number(at, tasks(timeline));
    at = put_text(at, tasks(timeline) == 1 ? " task, " : " tasks, ");
    at = put_text(put_seconds(at, timeline->elapsed_ns, 3), " s; ");
    return put_text(at, way(timeline));
}

static char *put_title(char *at, const struct timeline *timeline, uint32_t item)
{
    (void)item;
    return put_words(at, timeline);
}

static uint32_t style_lines(const struct timeline *timeline)
{
    (void)timeline;
    return sizeof style / sizeof *style;
}

static char *put_style(char *at, const struct timeline *timeline, uint32_t item)
{
    (void)timeline;
    return put_text(at, style[item]);
}

/* The ground, and on it what it shows. */
static uint32_t headlines(const struct timeline *timeline)
{
    (void)timeline;
    return 2;
}

static char *put_headline(char *at, const struct timeline *timeline, uint32_t item)
{
    if (item == 0)
        return put_rect(at, "g", 0, 0, WIDTH, bottom(timeline) + 340);
    at = put_words(put_text_at(at, "t", 100, 240), timeline);
    return put_text(at, "</text>\n");
}

static char *put_too_many(char *at, const struct timeline *timeline, uint32_t item)
{
    (void)item;
    at = put_text(put_text_at(at, "", 100, 560), "More than 1000 tasks are not drawn one by one; ");
    (void)timeline;
    return put_text(at, "see /runs/ID for how many were in which state.</text>\n");
}

/* ---- the axis -------------------------------------------------------------------------------- */

/* 1, 2 or 5 times a power of ten: at most eight of them. */
static int64_t step_ns(const struct timeline *timeline)
{
    static const int64_t times[] = {1, 2, 5};
    for (int64_t power = 100;; power *= 10)
        for (size_t i = 0; i < 3; i++)
            if (timeline->elapsed_ns / (times[i] * power) < 8)
                return times[i] * power;
}

static uint32_t ticks(const struct timeline *timeline)
{
    return (uint32_t)(timeline->elapsed_ns / step_ns(timeline)) + 1;
}

static char *put_tick(char *at, const struct timeline *timeline, uint32_t item)
{
    int64_t at_ns = item * step_ns(timeline);
    int64_t x = x_of(timeline, at_ns);
    int decimals = step_ns(timeline) >= 1000000000  ? 0
                   : step_ns(timeline) >= 100000000 ? 1
                   : step_ns(timeline) >= 1000000   ? 3
                                                    : 6;
    at = put_px(put_px(put_text(at, "<line class=\"l\" "), "x1", x), " x2", x);
    at = put_px(put_px(at, " y1", TOP - 100), " y2", bottom(timeline));
    at = put_text_at(put_text(at, "/>"), "c", x, bottom(timeline) + 220);
    return put_text(put_seconds(at, at_ns, decimals), " s</text>\n");
}

/* ---- lanes ----------------------------------------------------------------------------------- */

static uint32_t names(const struct timeline *timeline)
{
    return tasks(timeline) <= NAMED ? tasks(timeline) : 0;
}

static char *put_name(char *at, const struct timeline *timeline, uint32_t item)
{
    int64_t y = lane_y(timeline, item + 1) + bar(timeline) / 2 + 45;
    at = put_number(put_text(put_text_at(at, "", 100, y), "task "), item + 1);
    return put_text(at, "</text>\n");
}

/* Before it begins. */
static char *put_idle(char *at, const struct timeline *timeline, uint32_t item)
{
    int64_t begin_ns = span_begin_ns(timeline, item + 1);
    int64_t y = lane_y(timeline, item + 1) + bar(timeline) / 2;
    int64_t to = x_of(timeline, begin_ns < 0 ? timeline->elapsed_ns : begin_ns);
    if (to - LEFT < 20)
        return at;
    at = put_px(put_px(put_text(at, "<line class=\"i\" "), "x1", LEFT), " x2", to);
    return put_text(put_px(put_px(at, " y1", y), " y2", y), "/>\n");
}

/* A word has room beside its mark where the bar is wide enough for two. */
static bool has_room(const struct timeline *timeline, int64_t wide)
{
    return tasks(timeline) <= WORDED && wide > (int64_t)16 * LABEL;
}

/* Hello stands behind its mark, World before it, where a bar is. */
static char *put_said(char *at, const struct timeline *timeline, uint32_t item)
{
    const struct entry *entry = &timeline->entries[item];
    const struct text *word = &timeline->words[entry->what];
    int64_t x = x_of(timeline, entry->at_ns);
    int64_t y = lane_y(timeline, entry->task);
    int64_t delay = x_of(timeline, plan_delay_ns(&timeline->plan, entry->task)) - LEFT;
    bool is_blocking = timeline->plan.sleep == SLEEP_BLOCKING;
    bool is_first = word->bytes[0] == 'H';
    at = put_rect(at, is_blocking ? "b" : "m", x - 20, y - 20, 40, bar(timeline) + 40);
    if (timeline->plan.sleep != SLEEP_FORGOTTEN && has_room(timeline, delay)) {
        at = put_text_at(at,
                         is_blocking ? is_first ? "S" : "S e"
                         : is_first  ? "s"
                                     : "s e",
                         x + (is_first ? 70 : -70), y + bar(timeline) / 2 + 45);
        at = put_text(put_bytes(at, word->bytes, word->length), "</text>");
    }
    return put_text(at, "\n");
}

static char *put_ended(char *at, const struct timeline *timeline, const struct entry *entry)
{
    int64_t x = x_of(timeline, entry->at_ns);
    int64_t y = lane_y(timeline, entry->task);
    bool has_failed = entry_state(entry) == TASK_FAILED;
    at = put_rect(at, has_failed ? "f" : "x", x - 15, y - 20, 35, bar(timeline) + 40);
    if (tasks(timeline) > NAMED)
        return put_text(at, "\n");
    bool is_left = x > WIDTH - 1800;
    at = put_text_at(at,
                     has_failed ? is_left ? "F e" : "F"
                     : is_left  ? "e"
                                : "",
                     x + (is_left ? -60 : 70), y + bar(timeline) / 2 + 45);
    at = put_text(at, has_failed ? "failed" : reason_name(entry));
    return put_text(at, "</text>\n");
}

static char *put_forgotten(char *at, const struct timeline *timeline, const struct entry *entry)
{
    int64_t x = x_of(timeline, entry->at_ns) + 120;
    int64_t y = lane_y(timeline, entry->task);
    at = put_rect(at, "n", x, y, 1900, bar(timeline));
    if (tasks(timeline) > NAMED)
        return put_text(at, "\n");
    at = put_text_at(at, "N", x + 60, y + bar(timeline) / 2 + 45);
    return put_text(at, "sleep was never awaited</text>\n");
}

static char *put_entry(char *at, const struct timeline *timeline, uint32_t item)
{
    static const char *const kinds[TASK_STATES] = {
        [TASK_READY] = "r", [TASK_WAITING] = "w", [TASK_BLOCKING] = "b"};
    const struct entry *entry = &timeline->entries[item];
    if (!entry_is_state(entry))
        return at; /* marks lie on top of all bars */
    enum task_state state = entry_state(entry);
    if (state == TASK_FORGOTTEN)
        return put_forgotten(at, timeline, entry);
    if (state == TASK_FAILED || state == TASK_CANCELLED)
        return put_ended(at, timeline, entry);
    if (state == TASK_DONE)
        return at;
    int64_t x = x_of(timeline, entry->at_ns);
    int64_t wide = x_of(timeline, span_end_ns(timeline, item)) - x;
    at = put_rect(at, kinds[state], x, lane_y(timeline, entry->task), wide, bar(timeline));
    return put_text(at, "\n");
}

static char *put_mark(char *at, const struct timeline *timeline, uint32_t item)
{
    return entry_is_state(&timeline->entries[item]) ? at : put_said(at, timeline, item);
}

static char *put_end(char *at, const struct timeline *timeline, uint32_t item)
{
    int64_t x = x_of(timeline, timeline->elapsed_ns);
    bool has_failed = timeline->error != 0;
    (void)item;
    at = put_px(put_px(put_text(at, "<line class=\"z\" "), "x1", x), " x2", x);
    at = put_px(put_px(at, " y1", TOP - 160), " y2", bottom(timeline));
    at = put_text_at(put_text(at, "/>"), has_failed ? "F" : "D", x + 60, TOP - 100);
    at = put_text(at, has_failed ? "✗ " : "✓ ");
    return put_text(put_seconds(at, timeline->elapsed_ns, 3), " s</text>\n");
}

static const struct part parts[] = {
    {.open = LITERAL("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 "), .put = put_size},
    {.open = LITERAL("<title>"), .close = LITERAL("</title>\n"), .put = put_title},
    {.count = style_lines, .put = put_style},
    {.count = headlines, .put = put_headline},
    {.is_there = is_too_many, .put = put_too_many},
    {.is_there = is_drawn, .leads = 5, .count = ticks, .put = put_tick},
    {.count = names, .put = put_name},
    {.count = tasks, .put = put_idle},
    {.count = timeline_entries, .put = put_entry},
    {.count = timeline_entries, .put = put_mark},
    {.put = put_end},
    {.open = LITERAL("</svg>\n")},
};

const struct view svg_view = {
    .name = "svg",
    .media_type = "image/svg+xml",
    .content_type = "image/svg+xml",
    .needs_states = true,
    .parts = parts,
    .part_count = sizeof parts / sizeof *parts,
};
