/*
 * What a proxy says of its client: the bytes as a PROXY header, and as the front of Forwarded and
 * X-Forwarded-For. Whatever a client writes there, what its proxy appended is what counts.
 */
#include "server/accept/proxy_protocol.h"
#include "server/http/forwarded.h"
#include "tests/fuzz/fuzz.h"

/* Longer values are for script/fuzz to leave alone. */
#define VALUE_BYTES 8192

/* The verdict is the same however many more bytes there are, and however they come. */
static void check_header(const uint8_t *bytes, size_t size)
{
    struct proxy_header all = {.length = 0};
    enum proxy_verdict last = proxy_header_read(bytes, size, &all);
    bool is_there = last == PROXY_CLIENT || last == PROXY_NOBODY;
    FUZZ_CHECK(!is_there || (all.length <= size && all.length <= PROXY_V2_MOST_BYTES), "length");
    FUZZ_CHECK(last != PROXY_UNFINISHED || size < PROXY_V2_MOST_BYTES, "a header without end");
    bool is_over = false;
    for (size_t count = 0; count <= size; count++) {
        struct proxy_header header = {.length = 0};
        enum proxy_verdict verdict = proxy_header_read(bytes, count, &header);
        FUZZ_CHECK(!is_over || verdict == last, "a verdict that changes");
        is_over = verdict != PROXY_UNFINISHED;
        if (!is_there || !is_over)
            continue;
        FUZZ_CHECK(count >= header.length && header.length == all.length, "another length");
        FUZZ_CHECK(last != PROXY_CLIENT || address_is(&header.client, &all.client), "the client");
        return;
    }
}

static struct address address_of(const char *text)
{
    struct address address;
    FUZZ_CHECK(address_parse((struct text){text, strlen(text)}, &address), text);
    return address;
}

/* `appended` names `client`, whom nobody trusts. */
static void check_append(const uint8_t *bytes, size_t size, enum forwarded_field field,
                         const struct trusted *trusted, const char *appended, const char *client)
{
    char value[VALUE_BYTES + 64];
    struct hops hops = {.is_any = false};
    struct address expected = address_of(client);
    memcpy(value, bytes, size);
    memcpy(value + size, appended, strlen(appended));
    (void)forwarded_follow((struct text){value, size + strlen(appended)}, field, trusted, &hops);
    FUZZ_CHECK(hops.is_any && address_is(&hops.last, &expected), "a client that made itself up");
}

static void check_field(const uint8_t *bytes, size_t size, enum forwarded_field field,
                        const struct trusted *trusted)
{
    struct hops hops = {.is_any = false};
    bool goes_on =
        forwarded_follow((struct text){(const char *)bytes, size}, field, trusted, &hops);
    FUZZ_CHECK(!goes_on || !hops.is_any || trusted_has(trusted, &hops.last), "past the client");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct trusted trusted;
    struct text bad;
    if (size > VALUE_BYTES)
        return 0;
    FUZZ_CHECK(trusted_parse(&trusted, "10.0.0.0/8,2001:db8:a::/48", &bad), "the networks");
    check_header(bytes, size);
    check_field(bytes, size, FORWARDED, &trusted);
    check_field(bytes, size, X_FORWARDED_FOR, &trusted);
    check_append(bytes, size, FORWARDED, &trusted, ", for=192.0.2.1", "192.0.2.1");
    check_append(bytes, size, FORWARDED, &trusted,
                 ",for=\"[2001:db8::1]:1\";by=\"a\\\"\", for=10.0.0.1", "2001:db8::1");
    check_append(bytes, size, X_FORWARDED_FOR, &trusted, ",2001:db8::1, 10.0.0.1", "2001:db8::1");
    return 0;
}
