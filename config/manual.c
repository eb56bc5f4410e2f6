#include "config/manual.h"

#include "config/value.h"

static void print_markdown_row(FILE *output, const struct option *option)
{
    char usage[NAME_TEXT_BYTES];
    char variable[NAME_TEXT_BYTES];
    char range[VALUE_ALLOWED_BYTES];
    option_usage(option, usage);
    option_name(option, NAME_VARIABLE, variable);
    value_range(option, range);
    (void)fprintf(output, "| `%s` | `%s`", usage, variable);
    if (option->plain_variable != NULL)
        (void)fprintf(output, ", `%s`", option->plain_variable);
    (void)fprintf(output, " | `%s` | %s | %s |\n", option_default(option), range, option->meaning);
}

/* Escapes what roff would take for its own, so that a dash is the one that is typed. */
static void print_roff(FILE *output, const char *text)
{
    if (*text == '.' || *text == '\'')
        (void)fputs("\\&", output);
    for (; *text != '\0'; text++) {
        if (*text == '-')
            (void)fputs("\\-", output);
        else if (*text == '\\')
            (void)fputs("\\e", output);
        else
            (void)fputc(*text, output);
    }
}

/* `font` is 'B' for bold or 'I' for italics. */
static void print_roff_in(char font, FILE *output, const char *text)
{
    (void)fprintf(output, "\\f%c", font);
    print_roff(output, text);
    (void)fputs("\\fR", output);
}

static void print_man_option(FILE *output, const struct option *option)
{
    const char letter[] = {'-', option->letter, '\0'};
    char name[NAME_TEXT_BYTES];
    char range[VALUE_ALLOWED_BYTES];
    (void)fputs(".TP\n", output);
    if (option->letter != '\0') {
        print_roff_in('B', output, letter);
        (void)fputs(", ", output);
    }
    option_name(option, NAME_FLAG, name);
    print_roff_in('B', output, name);
    if (option->metavar != NULL) {
        (void)fputc(' ', output);
        print_roff_in('I', output, option->metavar);
    }
    (void)fputc('\n', output);
    print_roff(output, option->meaning);
    (void)fputc('\n', output);
    if (option->kind == KIND_ACTION)
        return;
    (void)fputs(".br\nDefault ", output);
    print_roff(output, option_default(option));
    value_range(option, range);
    (void)fputs(", allowed ", output);
    print_roff(output, range);
    (void)fputs("; ", output);
    option_name(option, NAME_VARIABLE, name);
    print_roff_in('B', output, name);
    if (option->plain_variable != NULL) {
        (void)fputs(", ", output);
        print_roff_in('B', output, option->plain_variable);
    }
    (void)fputc('\n', output);
}

void manual_print_markdown(FILE *output)
{
    (void)fputs("| Option | Environment | Default | Allowed | Meaning |\n"
                "|---|---|---|---|---|\n",
                output);
    for (size_t i = 0; i < OPTION_SETTINGS; i++)
        print_markdown_row(output, &option_table[i]);
}

void manual_print_man(FILE *output)
{
    for (int group = 0; group < GROUP_COUNT; group++) {
        (void)fprintf(output, ".SS %s\n", option_groups[group].title);
        for (size_t i = 0; i < OPTION_COUNT; i++)
            if ((int)option_table[i].group == group)
                print_man_option(output, &option_table[i]);
    }
}
