#include "server/api/negotiate.h"

#include "text/text.h"
#include "views/views.h"
#include <ctype.h>
#include <strings.h>

/* "0.8" as 800. Digits past the third are passed over, as the RFC allows no more. */
static int in_thousandths(struct text number)
{
    int thousandths = number.length > 0 && number.bytes[0] == '1' ? 1000 : 0;
    size_t at = number.length > 1 && number.bytes[1] == '.' ? 2 : 1;
    for (int unit = 100; at < number.length && isdigit((unsigned char)number.bytes[at]);
         unit /= 10, at++)
        thousandths += (number.bytes[at] - '0') * unit;
    return thousandths > 1000 ? 1000 : thousandths;
}

/* The quality among a range's parameters; without one it is 1. */
static int quality_in(struct text parameters)
{
    while (parameters.length > 0) {
        struct text one = text_trim(text_split(&parameters, ';'));
        if (one.length >= 2 && (one.bytes[0] == 'q' || one.bytes[0] == 'Q') && one.bytes[1] == '=')
            return in_thousandths((struct text){one.bytes + 2, one.length - 2});
    }
    return 1000;
}

/* How closely a range names the type: 3 exactly, 2 by its main type, 1 as anything, 0 not at all.
 */
static int closeness(struct text range, const char *type)
{
    size_t main_length = strcspn(type, "/") + 1;
    if (range.length == strlen(type) && strncasecmp(range.bytes, type, range.length) == 0)
        return 3;
    if (range.length == main_length + 1 && range.bytes[main_length] == '*' &&
        strncasecmp(range.bytes, type, main_length) == 0)
        return 2;
    return text_is(range, "*/*") ? 1 : 0;
}

/* The closest range decides, wherever in the header it stands. */
static int rate(const char *type, struct text accept)
{
    int closest = 0;
    int quality = 0; /* in thousandths */
    while (accept.length > 0) {
        struct text parameters = text_split(&accept, ',');
        int close = closeness(text_trim(text_split(&parameters, ';')), type);
        if (close > closest) {
            closest = close;
            quality = quality_in(parameters);
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
        int quality = rate(views[i]->media_type, (struct text){accept, length});
        if (quality > best_quality) {
            best_quality = quality;
            best = views[i];
        }
    }
    return best;
}
