#include "text/address.h"

#include <arpa/inet.h>

#define IPV4_AT   12 /* the byte at which IPv4 begins */
#define IPV4_BITS (8 * IPV4_AT)
#define ALL_BITS  128

static const uint8_t ipv4_prefix[IPV4_AT] = {[10] = 0xff, [11] = 0xff};

struct address address_of_ipv4(const uint8_t bytes[4])
{
    struct address address;
    memcpy(address.bytes, ipv4_prefix, IPV4_AT);
    memcpy(address.bytes + IPV4_AT, bytes, 4);
    return address;
}

bool address_parse(struct text text, struct address *address)
{
    char copy[ADDRESS_TEXT_BYTES];
    uint8_t ipv4[4];
    if (text.length >= sizeof copy || memchr(text.bytes, '\0', text.length) != NULL)
        return false;
    memcpy(copy, text.bytes, text.length);
    copy[text.length] = '\0';
    if (inet_pton(AF_INET6, copy, address->bytes) == 1)
        return true;
    if (inet_pton(AF_INET, copy, ipv4) != 1)
        return false;
    *address = address_of_ipv4(ipv4);
    return true;
}

void address_print(const struct address *address, char text[ADDRESS_TEXT_BYTES])
{
    const uint8_t *bytes = address->bytes;
    bool is_ipv4 = memcmp(bytes, ipv4_prefix, IPV4_AT) == 0;
    (void)inet_ntop(is_ipv4 ? AF_INET : AF_INET6, is_ipv4 ? bytes + IPV4_AT : bytes, text,
                    ADDRESS_TEXT_BYTES);
}

/* At most three digits, without a leading zero. */
static bool parse_bits(struct text text, int *bits)
{
    *bits = 0;
    if (text.length == 0 || text.length > 3 || (text.length > 1 && text.bytes[0] == '0'))
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (text.bytes[i] < '0' || text.bytes[i] > '9')
            return false;
        *bits = 10 * *bits + text.bytes[i] - '0';
    }
    return true;
}

/* Whether both agree in so many leading bits. */
static bool agree(const struct address *a, const struct address *b, int bits)
{
    size_t whole = (size_t)bits / 8;
    unsigned mask = 0xff00U >> (bits % 8) & 0xff;
    return memcmp(a->bytes, b->bytes, whole) == 0 &&
           (mask == 0 || ((unsigned)(a->bytes[whole] ^ b->bytes[whole]) & mask) == 0);
}

bool network_parse(struct text text, struct network *network)
{
    struct address *address = &network->address;
    const char *slash = text.length > 0 ? memchr(text.bytes, '/', text.length) : NULL;
    int bits = ALL_BITS;
    struct text front = text_split(&text, '/');
    if (!address_parse(front, address))
        return false;
    bool is_ipv4 = memchr(front.bytes, ':', front.length) == NULL;
    if (slash != NULL && (!parse_bits(text, &bits) || bits > (is_ipv4 ? 32 : ALL_BITS)))
        return false;
    network->prefix_bits = slash != NULL && is_ipv4 ? IPV4_BITS + bits : bits;
    for (int bit = network->prefix_bits; bit < ALL_BITS; bit++)
        if ((address->bytes[bit / 8] >> (7 - bit % 8) & 1) != 0)
            return false;
    return true;
}

bool network_has(const struct network *network, const struct address *address)
{
    return agree(&network->address, address, network->prefix_bits);
}
