#include "config/help.h"

#include "config/value.h"

#include <string.h>

#define WIDTH          80
#define MEANING_COLUMN 28

static const char *const group_titles[GROUP_COUNT] = {
    [GROUP_LISTENING] = "Listening", [GROUP_LIMITS] = "Limits", [GROUP_TIMEOUTS] = "Time-outs",
    [GROUP_LOGGING] = "Logging",     [GROUP_OTHER] = "Other",
};

static const char introduction[] =
    "Usage: awaitd [OPTION]...\n"
    "\n"
    "async/await as an HTTP service: say Hello, await a sleep, say World.\n"
    "\n"
    "Examples, once awaitd runs:\n"
    "  curl localhost:8080/hi                              one hi(): 1 s\n"
    "  curl 'localhost:8080/parallel?delay=3s,1s,2s'       three at once: 3 s\n"
    "  curl -N 'localhost:8080/sequence?format=text'       three in turn: 3 s\n";

static const char epilogue[] =
    "\n"
    "Every setting can be given in four ways; the first of these that has it wins:\n"
    "  1. its flag                  --max-delay 2.5s  or  --max-delay=2.5s\n"
    "  2. its variable              AWAITD_MAX_DELAY=2.5s\n"
    "  3. its key in the JSON file  {\"max_delay\": \"2.5s\"}\n"
    "  4. its default\n"
    "An empty variable counts as not set. AWAITD_CONFIG names the file if --config\n"
    "does not. HOST and PORT are read if AWAITD_HOST and AWAITD_PORT are not set.\n"
    "\n"
    "TIME is a number with ns, us, ms, s or m; without a unit it is in seconds.\n"
    "\n"
    "Exit codes: 0 stopped cleanly, 1 cannot serve, 2 wrong usage or certificate.\n";

static void print_wrapped(FILE *output, const char *text)
{
    size_t column = MEANING_COLUMN;
    while (*text != '\0') {
        size_t word = strcspn(text, " ");
        size_t gap = column > MEANING_COLUMN ? 1 : 0;
        if (column + gap + word > WIDTH) {
            (void)fprintf(output, "\n%*s", MEANING_COLUMN, "");
            column = MEANING_COLUMN;
            gap = 0;
        }
        (void)fprintf(output, "%*s%.*s", (int)gap, "", (int)word, text);
        column += gap + word;
        text += word;
        text += strspn(text, " ");
    }
    (void)fputc('\n', output);
}

/* Writes "--max-delay TIME" or "-h, --help". */
static void write_usage(const struct option *option, char usage[NAME_TEXT_BYTES])
{
    char name[NAME_TEXT_BYTES];
    option_name(option, NAME_FLAG, name);
    if (option->letter != '\0')
        (void)snprintf(usage, NAME_TEXT_BYTES, "-%c, %.32s", option->letter, name);
    else if (option->metavar != NULL)
        (void)snprintf(usage, NAME_TEXT_BYTES, "%.32s %s", name, option->metavar);
    else
        (void)snprintf(usage, NAME_TEXT_BYTES, "%s", name);
}

static const char *shown_default(const struct option *option)
{
    return *option->default_text != '\0' ? option->default_text : "none";
}

static void print_option(FILE *output, const struct option *option)
{
    char usage[NAME_TEXT_BYTES];
    char range[VALUE_ALLOWED_BYTES];
    write_usage(option, usage);
    (void)fprintf(output, "  %-*s", MEANING_COLUMN - 2, usage);
    print_wrapped(output, option->meaning);
    if (option->kind == KIND_ACTION)
        return;
    value_range(option, range);
    (void)fprintf(output, "%*sdefault %s, allowed %s\n", MEANING_COLUMN, "", shown_default(option),
                  range);
}

static void print_markdown_row(FILE *output, const struct option *option)
{
    char usage[NAME_TEXT_BYTES];
    char variable[NAME_TEXT_BYTES];
    char range[VALUE_ALLOWED_BYTES];
    write_usage(option, usage);
    option_name(option, NAME_VARIABLE, variable);
    value_range(option, range);
    (void)fprintf(output, "| `%s` | `%s`", usage, variable);
    if (option->plain_variable != NULL)
        (void)fprintf(output, ", `%s`", option->plain_variable);
    (void)fprintf(output, " | `%s` | %s | %s |\n", shown_default(option), range, option->meaning);
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
    print_roff(output, shown_default(option));
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

static void print_groups(FILE *output, const char *before_title,
                         void (*print)(FILE *output, const struct option *option))
{
    for (int group = 0; group < GROUP_COUNT; group++) {
        (void)fprintf(output, "%s%s\n", before_title, group_titles[group]);
        for (size_t i = 0; i < OPTION_COUNT; i++)
            if ((int)option_table[i].group == group)
                print(output, &option_table[i]);
    }
}

bool help_print(FILE *output, const char *form)
{
    if (strcmp(form, "man") == 0) {
        print_groups(output, ".SS ", print_man_option);
    } else if (strcmp(form, "markdown") == 0) {
        (void)fputs("| Option | Environment | Default | Allowed | Meaning |\n"
                    "|---|---|---|---|---|\n",
                    output);
        for (size_t i = 0; i < OPTION_SETTINGS; i++)
            print_markdown_row(output, &option_table[i]);
    } else if (*form == '\0') {
        (void)fputs(introduction, output);
        print_groups(output, "\n", print_option);
        (void)fputs(epilogue, output);
    } else {
        return false;
    }
    return true;
}
