#include "text/names.h"

#include <stdio.h>
#include <string.h>

#define NAME_BYTES_MAX 64

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/*
 * The optimal string alignment distance, by rows of a matrix: a row for each byte of `a`, a column
 * for each of `b`. A swap of neighbours looks back two rows, so three are kept.
 */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][NAME_BYTES_MAX + 1] = {{0}};
    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        const size_t *above = rows[(i - 1) % 3];
        size_t *row = rows[i % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = smaller(replaced, smaller(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = smaller(row[j], rows[(i - 2) % 3][j - 2] + 1);
        }
    }
    return rows[a_length % 3][b_length];
}

const char *nearest_name(const char *name, size_t length, const char *const *known, size_t count)
{
    const char *best = NULL;
    size_t best_changes = NAME_BYTES_MAX + 1;
    length = smaller(length, NAME_BYTES_MAX);
    for (size_t i = 0; i < count; i++) {
        size_t known_length = strnlen(known[i], NAME_BYTES_MAX);
        size_t longer = length > known_length ? length : known_length;
        size_t allowed = longer / 3 > 2 ? longer / 3 : 2;
        size_t changes = distance(name, length, known[i], known_length);
        if (changes <= allowed && changes < longer && changes < best_changes) {
            best = known[i];
            best_changes = changes;
        }
    }
    return best;
}

const char *name_list_join(const char *const *names, size_t count, const char *before_last,
                           char text[NAME_LIST_BYTES])
{
    size_t used = 0;
    for (size_t i = 0; i < count && used < NAME_LIST_BYTES; i++) {
        const char *before = i == 0 ? "" : i + 1 < count ? ", " : before_last;
        used += (size_t)snprintf(text + used, NAME_LIST_BYTES - used, "%s%s", before, names[i]);
    }
    return text;
}
