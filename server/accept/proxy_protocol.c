#include "server/accept/proxy_protocol.h"

static bool begins_with(const uint8_t *bytes, size_t count, const void *prefix, size_t length)
{
    return memcmp(bytes, prefix, count < length ? count : length) == 0;
}

/* ---- version 1 (spec, section 2.1) ----------------------------------------------------------- */

static const char v1_prefix[] = "PROXY ";

/* 0 to 65535, without leading zeros. */
static bool is_port(struct text text)
{
    unsigned number = 0;
    if (text.length == 0 || text.length > 5 || (text.length > 1 && text.bytes[0] == '0'))
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (text.bytes[i] < '0' || text.bytes[i] > '9')
            return false;
        number = 10 * number + (unsigned)(text.bytes[i] - '0');
    }
    return number <= 65535;
}

static bool parse_address(struct text text, bool is_ipv6, struct address *address)
{
    bool has_colon = text.length > 0 && memchr(text.bytes, ':', text.length) != NULL;
    return has_colon == is_ipv6 && address_parse(text, address);
}

/* What stands between "PROXY " and CR LF: "TCP4 192.0.2.1 192.0.2.2 56324 443". */
static enum proxy_verdict read_words(struct text line, struct address *client)
{
    struct address proxy;
    struct text protocol = text_split(&line, ' ');
    bool is_ipv6 = text_is(protocol, "TCP6");
    if (text_is(protocol, "UNKNOWN"))
        return PROXY_NOBODY;
    if (!is_ipv6 && !text_is(protocol, "TCP4"))
        return PROXY_BAD;
    bool are_addresses = parse_address(text_split(&line, ' '), is_ipv6, client) &&
                         parse_address(text_split(&line, ' '), is_ipv6, &proxy);
    return are_addresses && is_port(text_split(&line, ' ')) && is_port(line) ? PROXY_CLIENT
                                                                             : PROXY_BAD;
}

static enum proxy_verdict read_v1(const uint8_t *bytes, size_t count, struct proxy_header *header)
{
    size_t begin = sizeof v1_prefix - 1;
    size_t looked_at = count < PROXY_V1_MOST_BYTES ? count : PROXY_V1_MOST_BYTES;
    const uint8_t *cr = memchr(bytes, '\r', looked_at);
    const uint8_t *lf = memchr(bytes, '\n', looked_at);
    size_t end = cr == NULL ? looked_at : (size_t)(cr - bytes);
    if (lf != NULL && (cr == NULL || lf != cr + 1))
        return PROXY_BAD;
    if (lf == NULL)
        return end + 2 > PROXY_V1_MOST_BYTES || (cr != NULL && count > end + 1) ? PROXY_BAD
                                                                                : PROXY_UNFINISHED;
    header->length = end + 2;
    struct text line = {(const char *)bytes + begin, end - begin};
    return read_words(line, &header->client);
}

/* ---- version 2 (spec, section 2.2) ----------------------------------------------------------- */

static const char v2_signature[] = "\r\n\r\n\0\r\nQUIT\n";

#define V2_FIXED_BYTES 16

enum v2_command {
    V2_LOCAL = 0x20, /* the proxy's own doing, such as a health check */
    V2_PROXY = 0x21,
};

/* An address family in the upper four bits, a transport in the lower. */
enum v2_family {
    V2_UNSPEC = 0x00,
    V2_TCP4 = 0x11,
    V2_UDP4 = 0x12,
    V2_TCP6 = 0x21,
    V2_UDP6 = 0x22,
    V2_UNIX_STREAM = 0x31,
    V2_UNIX_DATAGRAM = 0x32,
};

/* The least that the length field must say: two addresses and, but for Unix, two ports. -1: it is
   no family. */
static int least_bytes(enum v2_family family)
{
    switch (family) {
    case V2_UNSPEC:
        return 0;
    case V2_TCP4:
    case V2_UDP4:
        return 12;
    case V2_TCP6:
    case V2_UDP6:
        return 36;
    case V2_UNIX_STREAM:
    case V2_UNIX_DATAGRAM:
        return 216;
    }
    return -1;
}

static enum proxy_verdict read_v2(const uint8_t *bytes, size_t count, struct proxy_header *header)
{
    if (count < V2_FIXED_BYTES)
        return PROXY_UNFINISHED;
    enum v2_command command = bytes[12];
    enum v2_family family = bytes[13];
    int length = bytes[14] << 8 | bytes[15];
    int least = least_bytes(family);
    bool is_proxy = command == V2_PROXY && least >= 0 && length >= least;
    if ((!is_proxy && command != V2_LOCAL) || V2_FIXED_BYTES + length > PROXY_V2_MOST_BYTES)
        return PROXY_BAD;
    header->length = V2_FIXED_BYTES + (size_t)length;
    if (count < header->length)
        return PROXY_UNFINISHED;
    if (is_proxy && family == V2_TCP4)
        header->client = address_of_ipv4(bytes + V2_FIXED_BYTES);
    else if (is_proxy && family == V2_TCP6)
        memcpy(header->client.bytes, bytes + V2_FIXED_BYTES, sizeof header->client.bytes);
    else
        return PROXY_NOBODY;
    return PROXY_CLIENT;
}

enum proxy_verdict proxy_header_read(const uint8_t *bytes, size_t count,
                                     struct proxy_header *header)
{
    if (begins_with(bytes, count, v2_signature, sizeof v2_signature - 1))
        return read_v2(bytes, count, header);
    if (!begins_with(bytes, count, v1_prefix, sizeof v1_prefix - 1))
        return PROXY_BAD;
    return count < sizeof v1_prefix ? PROXY_UNFINISHED : read_v1(bytes, count, header);
}
