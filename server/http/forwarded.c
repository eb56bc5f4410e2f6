#include "server/http/forwarded.h"

#include <strings.h>

/* An address, and a port or a name in the place of a port. Any proxy's is shorter. */
#define NODE_BYTES 128

static char first_of(struct text text)
{
    if (text.length == 0)
        return '\0';
    return text.bytes[0];
}

static struct text behind(struct text text, size_t length)
{
    return (struct text){text.bytes + length, text.length - length};
}

/* ---- a node: RFC 7239, section 6 ------------------------------------------------------------- */

static bool is_in(char byte, const char *set)
{
    return byte != '\0' && strchr(set, byte) != NULL;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_alphanumeric(char byte)
{
    return is_digit(byte) || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
}

/* ":8080", or what a proxy hides it behind, ":_x"; or nothing. */
static bool is_port(struct text text)
{
    bool is_hidden = text.length > 1 && text.bytes[1] == '_';
    if (text.length == 0)
        return true;
    if (text.bytes[0] != ':' || text.length == 1 || (!is_hidden && text.length > 6))
        return false;
    for (size_t i = 1; i < text.length; i++)
        if (!(is_hidden ? is_alphanumeric(text.bytes[i]) || is_in(text.bytes[i], "._-")
                        : is_digit(text.bytes[i])))
            return false;
    return true;
}

/* IPv6 stands in brackets. `unknown` and `_hidden` are no addresses. */
static bool parse_node(struct text node, struct address *address)
{
    bool has_brackets = first_of(node) == '[';
    const char *end =
        node.length > 0 ? memchr(node.bytes, has_brackets ? ']' : ':', node.length) : NULL;
    if (has_brackets && end == NULL)
        return false;
    size_t length = end == NULL ? node.length : (size_t)(end - node.bytes);
    struct text host = {node.bytes + has_brackets, length - has_brackets};
    bool is_ipv6 = host.length > 0 && memchr(host.bytes, ':', host.length) != NULL;
    return is_ipv6 == has_brackets && is_port(behind(node, length + has_brackets)) &&
           address_parse(host, address);
}

/* ---- an element: RFC 7239, section 4 --------------------------------------------------------- */

/* RFC 9110, section 5.6.2. */
static bool is_token_byte(char byte)
{
    return is_alphanumeric(byte) || is_in(byte, "!#$%&'*+-.^_`|~");
}

static struct text take_token(struct text *rest)
{
    struct text token = {rest->bytes, 0};
    while (token.length < rest->length && is_token_byte(rest->bytes[token.length]))
        token.length++;
    *rest = behind(*rest, token.length);
    return token;
}

/* Takes a token or a quoted string (RFC 9110, section 5.6.4), as it reads without quotes. Longer
   than any node it stays cut: what is cut is none. */
static bool take_value(struct text *rest, char value[NODE_BYTES], size_t *length)
{
    *length = 0;
    if (first_of(*rest) != '"') {
        struct text token = take_token(rest);
        *length = token.length < NODE_BYTES ? token.length : NODE_BYTES;
        memcpy(value, token.bytes, *length);
        return token.length > 0;
    }
    *rest = behind(*rest, 1);
    while (rest->length > 0 && first_of(*rest) != '"') {
        if (first_of(*rest) == '\\')
            *rest = behind(*rest, 1);
        if (rest->length == 0)
            return false;
        if (*length < NODE_BYTES)
            value[(*length)++] = first_of(*rest);
        *rest = behind(*rest, 1);
    }
    if (rest->length == 0)
        return false;
    *rest = behind(*rest, 1);
    return true;
}

/* Pairs such as "for=192.0.2.1;proto=https", of which "for" says from whom. */
static bool parse_element(struct text element, struct address *address)
{
    char value[NODE_BYTES];
    size_t length;
    int told = 0;
    bool is_address = false;
    while (element.length > 0) {
        struct text name = take_token(&element);
        if (name.length > 0) {
            if (first_of(element) != '=')
                return false;
            element = behind(element, 1);
            if (!take_value(&element, value, &length))
                return false;
            if (name.length == 3 && strncasecmp(name.bytes, "for", 3) == 0) {
                told++;
                is_address =
                    length < NODE_BYTES && parse_node((struct text){value, length}, address);
            }
        }
        element = text_trim(element);
        if (element.length > 0 && first_of(element) != ';')
            return false;
        element = text_trim(behind(element, element.length > 0));
    }
    return told == 1 && is_address;
}

/* ---- the list: RFC 9110, section 5.6.1 ------------------------------------------------------- */

/* Whether an odd number of backslashes stands before it. */
static bool is_escaped(struct text text, size_t at)
{
    size_t first = at;
    while (first > 0 && text.bytes[first - 1] == '\\')
        first--;
    return (at - first) % 2 != 0;
}

/*
 * Takes the last element off the end, and its comma. Read from there, what a proxy that is trusted
 * appended is understood whatever quotes a client left open before it.
 */
static struct text take_last(struct text *list, bool has_quotes)
{
    size_t begin = list->length;
    bool is_quoted = false;
    for (; begin > 0 && (is_quoted || list->bytes[begin - 1] != ','); begin--)
        if (has_quotes && list->bytes[begin - 1] == '"' && !is_escaped(*list, begin - 1))
            is_quoted = !is_quoted;
    struct text last = behind(*list, begin);
    list->length = begin > 0 ? begin - 1 : 0;
    return text_trim(last);
}

bool forwarded_follow(struct text value, enum forwarded_field field, const struct trusted *trusted,
                      struct hops *hops)
{
    struct address address;
    while (value.length > 0) {
        struct text element = take_last(&value, field == FORWARDED);
        if (element.length == 0)
            continue;
        if (field == FORWARDED
                ? !parse_element(element, &address)
                : !address_parse(element, &address) && !parse_node(element, &address))
            return false;
        *hops = (struct hops){address, true};
        if (!trusted_has(trusted, &address))
            return false;
    }
    return true;
}
