#include "config/help.h"

#include "config/manual.h"
#include "config/value.h"

#include <string.h>

#define WIDTH          80
#define MEANING_COLUMN 28
#define GROUP_COLUMN   12

static const char usage_line[] =
    "Usage: awaitd [OPTION]...        async/await as an HTTP service\n"
    "\n"
    "  curl localhost:8080/parallel                        three hi() at once: 1 s\n"
    "  curl -N 'localhost:8080/sequence?format=text'       one after another: 3 s\n";

static const char sources[] =
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

/* ---- all of it ------------------------------------------------------------------------------- */

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

static void print_option(FILE *output, const struct option *option)
{
    char usage[NAME_TEXT_BYTES];
    char range[VALUE_ALLOWED_BYTES];
    option_usage(option, usage);
    (void)fprintf(output, "  %-*s", MEANING_COLUMN - 2, usage);
    print_wrapped(output, option->meaning);
    if (option->kind == KIND_ACTION)
        return;
    value_range(option, range);
    (void)fprintf(output, "%*sdefault %s, allowed %s\n", MEANING_COLUMN, "", option_default(option),
                  range);
}

static void print_group(FILE *output, int group)
{
    (void)fprintf(output, "\n%s\n", option_groups[group].title);
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if ((int)option_table[i].group == group)
            print_option(output, &option_table[i]);
}

static void print_all(FILE *output)
{
    (void)fputs(usage_line, output);
    for (int group = 0; group < GROUP_COUNT; group++)
        print_group(output, group);
    (void)fputs(sources, output);
}

/* ---- a screen -------------------------------------------------------------------------------- */

/* The group's flags, as many to a line as there is room for. */
static void print_names(FILE *output, int group)
{
    size_t column = GROUP_COLUMN;
    (void)fprintf(output, "  %-*s", GROUP_COLUMN - 2, option_groups[group].name);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        char name[NAME_TEXT_BYTES];
        if ((int)option_table[i].group != group)
            continue;
        option_name(&option_table[i], NAME_FLAG, name);
        size_t gap = column > GROUP_COLUMN ? 1 : 0;
        if (column + gap + strlen(name) > WIDTH) {
            (void)fprintf(output, "\n%*s", GROUP_COLUMN, "");
            column = GROUP_COLUMN;
            gap = 0;
        }
        (void)fprintf(output, "%*s%s", (int)gap, "", name);
        column += gap + strlen(name);
    }
    (void)fputc('\n', output);
}

static void print_screen(FILE *output)
{
    (void)fprintf(output, "%s\nMost used:\n", usage_line);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        char usage[NAME_TEXT_BYTES];
        if (option_table[i].brief == NULL)
            continue;
        option_usage(&option_table[i], usage);
        (void)fprintf(output, "  %-*s%s", MEANING_COLUMN - 2, usage, option_table[i].brief);
        if (option_table[i].kind != KIND_ACTION)
            (void)fprintf(output, " (%s)", option_table[i].default_text);
        (void)fputc('\n', output);
    }
    (void)fputs("\nAll, by group; 'awaitd --help all' or '--help limits' says what they do:\n",
                output);
    for (int group = 0; group < GROUP_COUNT; group++)
        print_names(output, group);
}

/* ---- which of them --------------------------------------------------------------------------- */

/* In the order in which they are named; the groups stand between the first and the rest. */
enum { FORMS = GROUP_COUNT + 3 };

static const char *form_name(int form)
{
    if (form == 0)
        return "all";
    if (form <= GROUP_COUNT)
        return option_groups[form - 1].name;
    return form == GROUP_COUNT + 1 ? "markdown" : "man";
}

void help_write_forms(const char *between, const char *last, char forms[HELP_FORMS_BYTES])
{
    size_t used = 0;
    for (int form = 0; form < FORMS; form++) {
        const char *gap = form == 0 ? "" : form == FORMS - 1 ? last : between;
        used +=
            (size_t)snprintf(forms + used, HELP_FORMS_BYTES - used, "%s%s", gap, form_name(form));
    }
}

bool help_print(FILE *output, const char *form)
{
    if (*form == '\0') {
        print_screen(output);
        return true;
    }
    for (int group = 0; group < GROUP_COUNT; group++)
        if (strcmp(form, option_groups[group].name) == 0) {
            print_group(output, group);
            return true;
        }
    if (strcmp(form, "all") == 0)
        print_all(output);
    else if (strcmp(form, "markdown") == 0)
        manual_print_markdown(output);
    else if (strcmp(form, "man") == 0)
        manual_print_man(output);
    else
        return false;
    return true;
}
