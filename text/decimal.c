#include "text/decimal.h"

/* An exponent that is out of everybody's reach, and can still be added to. */
#define FAR 1000000000000

static bool is_digit(const char *text, size_t length, size_t at)
{
    return at < length && text[at] >= '0' && text[at] <= '9';
}

size_t decimal_read(const char *text, size_t length, struct decimal *decimal)
{
    size_t used = 0;
    while (is_digit(text, length, used))
        used++;
    *decimal = (struct decimal){.digits = text, .whole = (int64_t)used};
    if (used > 0 && used < length && text[used] == '.') {
        if (!is_digit(text, length, ++used))
            return 0;
        while (is_digit(text, length, used))
            used++;
    }
    decimal->length = used;
    if (used == 0 || used == length || (text[used] | 0x20) != 'e')
        return used;
    bool has_sign = ++used < length && (text[used] == '+' || text[used] == '-');
    int64_t sign = has_sign && text[used] == '-' ? -1 : 1;
    int64_t exponent = 0;
    used += has_sign;
    if (!is_digit(text, length, used))
        return 0;
    for (; is_digit(text, length, used); used++)
        exponent = exponent < FAR ? exponent * 10 + (text[used] - '0') : FAR;
    decimal->whole += sign * exponent;
    return used;
}

static int64_t add(int64_t number, int64_t more)
{
    return __builtin_add_overflow(number, more, &number) ? INT64_MAX : number;
}

static int64_t multiply(int64_t number, int64_t by)
{
    return __builtin_mul_overflow(number, by, &number) ? INT64_MAX : number;
}

/* Digits before the point count from the left. Those behind it count from the right: each is added
   to a tenth of what comes after it, so that nothing grows and each remainder is seen. */
bool decimal_times(const struct decimal *decimal, int64_t unit, int64_t *product)
{
    int64_t whole = 0;
    int64_t part = 0;
    int64_t place = 0;
    bool is_exact = true;
    for (size_t at = 0; at < decimal->length; at++)
        if (decimal->digits[at] != '.' && place++ < decimal->whole)
            whole = add(multiply(whole, 10), decimal->digits[at] - '0');
    for (int64_t zeros = decimal->whole - place; zeros > 0 && whole > 0 && whole < INT64_MAX;
         zeros--)
        whole = multiply(whole, 10);
    for (size_t at = decimal->length; at-- > 0 && place > decimal->whole;) {
        if (decimal->digits[at] == '.')
            continue;
        part += (decimal->digits[at] - '0') * unit;
        is_exact = is_exact && part % 10 == 0;
        part /= 10;
        place--;
    }
    for (; place > decimal->whole && part > 0; place--) {
        is_exact = is_exact && part % 10 == 0;
        part /= 10;
    }
    *product = add(add(multiply(whole, unit), part), !is_exact);
    return is_exact;
}
