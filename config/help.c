#include "config/help.h"

#include "config/names.h"
#include "config/options.h"
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
    "Exit codes: 0 stopped cleanly, 1 cannot serve, 2 wrong usage.\n";

static void print_wrapped(FILE *output, const char *text)
{
    size_t column = MEANING_COLUMN;

    while (*text) {
        size_t word = strcspn(text, " ");
        size_t gap = column > MEANING_COLUMN ? 1 : 0;

        if (column + gap + word > WIDTH) {
            fprintf(output, "\n%*s", MEANING_COLUMN, "");
            column = MEANING_COLUMN;
            gap = 0;
        }
        fprintf(output, "%*s%.*s", (int)gap, "", (int)word, text);
        column += gap + word;
        text += word;
        text += strspn(text, " ");
    }
    fputc('\n', output);
}

/* "--max-delay TIME" or "-h, --help". */
static void write_usage(const struct option *option, char usage[NAME_TEXT_BYTES])
{
    char name[NAME_TEXT_BYTES];

    name_write(option, NAME_FLAG, name);
    if (option->letter) {
        snprintf(usage, NAME_TEXT_BYTES, "-%c, %.32s", option->letter, name);
    } else {
        snprintf(usage, NAME_TEXT_BYTES, "%.32s%s%s", name, option->metavar ? " " : "",
                 option->metavar ? option->metavar : "");
    }
}

static const char *shown_default(const struct option *option)
{
    return *option->default_text ? option->default_text : "none";
}

static void print_option(FILE *output, const struct option *option)
{
    char usage[NAME_TEXT_BYTES];
    char range[VALUE_ALLOWED_BYTES];

    write_usage(option, usage);
    fprintf(output, "  %-*s", MEANING_COLUMN - 2, usage);
    print_wrapped(output, option->meaning);
    if (option->kind != KIND_ACTION) {
        value_range(option, range);
        fprintf(output, "%*sdefault %s, allowed %s\n", MEANING_COLUMN, "", shown_default(option),
                range);
    }
}

void help_print(FILE *output)
{
    fputs(introduction, output);
    for (int group = 0; group < GROUP_COUNT; group++) {
        fprintf(output, "\n%s\n", group_titles[group]);
        for (size_t i = 0; i < OPTION_COUNT; i++)
            if ((int)option_table[i].group == group)
                print_option(output, &option_table[i]);
    }
    fputs(epilogue, output);
}

void help_print_markdown(FILE *output)
{
    char usage[NAME_TEXT_BYTES];
    char variable[NAME_TEXT_BYTES];
    char range[VALUE_ALLOWED_BYTES];

    fputs("| Option | Environment | Default | Allowed | Meaning |\n"
          "|---|---|---|---|---|\n",
          output);
    for (size_t i = 0; i < OPTION_SETTINGS; i++) {
        const struct option *option = &option_table[i];

        write_usage(option, usage);
        name_write(option, NAME_VARIABLE, variable);
        value_range(option, range);
        fprintf(output, "| `%s` | `%s`", usage, variable);
        if (option->plain_variable)
            fprintf(output, ", `%s`", option->plain_variable);
        fprintf(output, " | `%s` | %s | %s |\n", shown_default(option), range, option->meaning);
    }
}

/* A dash as it is typed, and no line that roff would take for a request. */
static void print_roff(FILE *output, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", output);
    for (; *text; text++) {
        if (*text == '-')
            fputs("\\-", output);
        else if (*text == '\\')
            fputs("\\e", output);
        else
            fputc(*text, output);
    }
}

static void print_roff_usage(FILE *output, const struct option *option)
{
    char name[NAME_TEXT_BYTES];

    fputs(".TP\n", output);
    if (option->letter)
        fprintf(output, "\\fB\\-%c\\fR, ", option->letter);
    name_write(option, NAME_FLAG, name);
    fputs("\\fB", output);
    print_roff(output, name);
    fputs("\\fR", output);
    if (option->metavar)
        fprintf(output, " \\fI%s\\fR", option->metavar);
    fputc('\n', output);
    print_roff(output, option->meaning);
    fputc('\n', output);
}

static void print_roff_setting(FILE *output, const struct option *option)
{
    char variable[NAME_TEXT_BYTES];
    char range[VALUE_ALLOWED_BYTES];

    name_write(option, NAME_VARIABLE, variable);
    value_range(option, range);
    fputs(".br\nDefault ", output);
    print_roff(output, shown_default(option));
    fputs(", allowed ", output);
    print_roff(output, range);
    fprintf(output, "; \\fB%s\\fR", variable);
    if (option->plain_variable)
        fprintf(output, ", \\fB%s\\fR", option->plain_variable);
    fputc('\n', output);
}

void help_print_man(FILE *output)
{
    for (int group = 0; group < GROUP_COUNT; group++) {
        fprintf(output, ".SS %s\n", group_titles[group]);
        for (size_t i = 0; i < OPTION_COUNT; i++) {
            if ((int)option_table[i].group != group)
                continue;
            print_roff_usage(output, &option_table[i]);
            if (option_table[i].kind != KIND_ACTION)
                print_roff_setting(output, &option_table[i]);
        }
    }
}
