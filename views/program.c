#include "views/program.h"

#include "text/put.h"

static void add_bytes(struct program *program, const char *bytes, size_t length)
{
    if (program->bytes != NULL)
        (void)put_bytes(program->bytes + program->length, bytes, length);
    program->length += length;
}

void program_add(struct program *program, const char *text)
{
    add_bytes(program, text, strlen(text));
}

void program_add_number(struct program *program, uint64_t number)
{
    char text[24];
    add_bytes(program, text, (size_t)(put_number(text, number) - text));
}

void program_add_delay(struct program *program, int64_t delay_ns)
{
    char text[40];
    char *end = put_seconds(text, delay_ns, 9);
    while (end[-1] == '0')
        end--;
    end -= end[-1] == '.';
    add_bytes(program, text, (size_t)(end - text));
}
