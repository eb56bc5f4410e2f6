#include "server/api/negotiate.h"

#include <ctype.h>
#include <strings.h>

/* The quality among a range's parameters, in thousandths: "q=0.8" is 800. Without one it is 1.
   Digits past the third are passed over, as the RFC allows no more. */
static int quality_in(struct text parameters)
{
    while (parameters.length > 0) {
        struct text one = text_trim(text_split(&parameters, ';'));
        if (one.length < 2 || (one.bytes[0] != 'q' && one.bytes[0] != 'Q') || one.bytes[1] != '=')
            continue;
        int thousandths = one.length > 2 && one.bytes[2] == '1' ? 1000 : 0;
        size_t at = one.length > 3 && one.bytes[3] == '.' ? 4 : 3;
        for (int unit = 100; at < one.length && isdigit((unsigned char)one.bytes[at]); at++) {
            thousandths += (one.bytes[at] - '0') * unit;
            unit /= 10;
        }
        return thousandths > 1000 ? 1000 : thousandths;
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

/* Who takes anything gets what was said, and no program or picture of it. */
static bool has_to_be_named(const struct view *view)
{
    return view->program != NULL || view->needs_states;
}

void negotiate_field(struct negotiation *negotiation, struct text accept)
{
    negotiation->bytes += accept.length;
    if (negotiation->bytes > ACCEPT_BYTES)
        return;
    while (accept.length > 0) {
        struct text parameters = text_split(&accept, ',');
        struct text range = text_trim(text_split(&parameters, ';'));
        int quality = -1; /* not read yet: most ranges name no view of ours */
        for (size_t i = 0; i < VIEWS; i++) {
            struct rating *rating = &negotiation->ratings[i];
            int close = closeness(range, views[i]->media_type);
            int least = has_to_be_named(views[i]) ? 3 : 1;
            if (close < least || close <= rating->closeness)
                continue;
            quality = quality < 0 ? quality_in(parameters) : quality;
            *rating = (struct rating){close, quality};
        }
    }
}

const struct view *negotiate_end(const struct negotiation *negotiation)
{
    if (negotiation->bytes == 0)
        return views[0];
    const struct view *best = NULL;
    int best_quality = 0;
    for (size_t i = 0; i < VIEWS; i++) {
        if (negotiation->ratings[i].quality > best_quality) {
            best_quality = negotiation->ratings[i].quality;
            best = views[i];
        }
    }
    return best;
}

int negotiate_quality(struct text field, const char *wanted)
{
    if (field.length > ACCEPT_BYTES)
        return 0;
    while (field.length > 0) {
        struct text parameters = text_split(&field, ',');
        struct text range = text_trim(text_split(&parameters, ';'));
        if (range.length == strlen(wanted) && strncasecmp(range.bytes, wanted, range.length) == 0)
            return quality_in(parameters);
    }
    return 0;
}
