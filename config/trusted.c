#include "config/trusted.h"

bool trusted_parse(struct trusted *trusted, const char *list, struct text *bad)
{
    struct text rest = {list, strlen(list)};
    *trusted = (struct trusted){.count = 0};
    while (rest.length > 0) {
        struct text word = text_trim(text_split(&rest, ','));
        if (text_is(word, "unix")) {
            trusted->has_unix = true;
        } else if (trusted->count < TRUSTED_NETWORKS &&
                   network_parse(word, &trusted->networks[trusted->count])) {
            trusted->count++;
        } else {
            *bad = word;
            return false;
        }
    }
    return true;
}

bool trusted_has(const struct trusted *trusted, const struct address *address)
{
    if (address == NULL)
        return trusted->has_unix;
    for (int i = 0; i < trusted->count; i++)
        if (network_has(&trusted->networks[i], address))
            return true;
    return false;
}
