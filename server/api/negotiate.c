#include "server/api/negotiate.h"

#include "views/views.h"
#include <string.h>
#include <strings.h>

struct range {
    const char *type; /* without its parameters */
    size_t length;
    int quality; /* in thousandths */
};

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    return at;
}

/* "0.8" as 800. Digits past the third are passed over, as the RFC allows no more. */
static int parse_quality(const char *at, const char *end)
{
    int quality = at < end && *at == '1' ? 1000 : 0;
    int unit = 100;
    at = at < end ? at + 1 : at;
    if (at < end && *at == '.')
        at++;
    for (; at < end && *at >= '0' && *at <= '9' && unit > 0; at++, unit /= 10)
        quality += (*at - '0') * unit;
    return quality > 1000 ? 1000 : quality;
}

static int quality_of(const char *parameters, const char *end)
{
    for (const char *at = parameters; at < end; at++) {
        if (*at != ';')
            continue;
        const char *name = skip_blanks(at + 1, end);
        if (end - name >= 2 && (name[0] == 'q' || name[0] == 'Q') && name[1] == '=')
            return parse_quality(name + 2, end);
    }
    return 1000;
}

/* The first `wanted`, or `end`. */
static const char *find(const char *at, const char *end, char wanted)
{
    while (at < end && *at != wanted)
        at++;
    return at;
}

/* Reads one range and returns where the next one begins. */
static const char *next_range(const char *at, const char *end, struct range *range)
{
    const char *stop = find(at, end, ',');
    at = skip_blanks(at, stop);
    const char *type_end = find(at, stop, ';');
    while (type_end > at && (type_end[-1] == ' ' || type_end[-1] == '\t'))
        type_end--;
    *range = (struct range){at, (size_t)(type_end - at), quality_of(type_end, stop)};
    return stop < end ? stop + 1 : end;
}

/* How closely the range names the type: 3 exactly, 2 by its main type, 1
   as anything, 0 not at all. */
static int closeness(const struct range *range, const char *type)
{
    size_t main_length = (size_t)(strchr(type, '/') - type) + 1;
    if (range->length == strlen(type) && strncasecmp(range->type, type, range->length) == 0)
        return 3;
    if (range->length == main_length + 1 && range->type[main_length] == '*' &&
        strncasecmp(range->type, type, main_length) == 0)
        return 2;
    return range->length == 3 && memcmp(range->type, "*/*", 3) == 0 ? 1 : 0;
}

/* The closest range decides, wherever in the header it stands. */
static int rate(const char *type, const char *accept, size_t length)
{
    const char *end = accept + length;
    int closest = 0;
    int quality = 0;
    struct range range;
    for (const char *at = accept; at < end;) {
        at = next_range(at, end, &range);
        int close = closeness(&range, type);
        if (close > closest) {
            closest = close;
            quality = range.quality;
        }
    }
    return quality;
}

const struct view *negotiate(const char *accept, size_t length)
{
    if (length == 0)
        return views[0];
    const struct view *best = NULL;
    int best_quality = 0;
    for (size_t i = 0; i < VIEWS; i++) {
        int quality = rate(views[i]->media_type, accept, length);
        if (quality > best_quality) {
            best_quality = quality;
            best = views[i];
        }
    }
    return best;
}
