#include "server/telemetry/greeting.h"

#include "text/duration.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a shell would not take as it is. */
#define NEEDS_QUOTES "[?& "

#define COMMAND_BYTES 320

bool greeting_is_wanted(const struct config *config)
{
    return (config->log == CONFIG_LOG_AUTO || config->log == CONFIG_LOG_TEXT) &&
           isatty(STDOUT_FILENO);
}

static bool has_colours(void)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return (no_color == NULL || no_color[0] == '\0') && term != NULL && term[0] != '\0' &&
           strcmp(term, "dumb") != 0;
}

/* ---- where ----------------------------------------------------------------------------------- */

static const char *const schemes[] = {"http://", "https://", "unix:", "admin:"};
enum { HTTP, HTTPS, UNIX, ADMIN, SCHEMES };

struct place {
    int scheme;
    char link[COMMAND_BYTES / 2]; /* a URL, or the socket's path */
};

static int scheme_of(const char *text)
{
    int scheme = 0;
    while (scheme < SCHEMES && strncmp(text, schemes[scheme], strlen(schemes[scheme])) != 0)
        scheme++;
    return scheme;
}

/* Whoever listens on every address can be asked on this one. */
static const char *after_any_address(const char *text)
{
    static const char *const any[] = {
        "http://[::]:", "http://0.0.0.0:", "https://[::]:", "https://0.0.0.0:"};
    for (size_t i = 0; i < sizeof any / sizeof *any; i++)
        if (strncmp(text, any[i], strlen(any[i])) == 0)
            return text + strlen(any[i]);
    return NULL;
}

/* Reads the place at *where, and moves on to the next; its path may have blanks in it. False: there
   is no more. */
static bool next_place(const char **where, struct place *place)
{
    char text[sizeof place->link];
    size_t length = 0;
    if (**where == '\0')
        return false;
    while ((*where)[length] != '\0' &&
           !((*where)[length] == ' ' && scheme_of(*where + length + 1) < SCHEMES))
        length++;
    (void)snprintf(text, sizeof text, "%.*s", (int)length, *where);
    *where += length + ((*where)[length] == ' ');
    place->scheme = scheme_of(text);
    const char *link =
        text +
        (place->scheme == UNIX || place->scheme == ADMIN ? strlen(schemes[place->scheme]) : 0);
    const char *port = after_any_address(link);
    if (port != NULL)
        (void)snprintf(place->link, sizeof place->link, "%s://localhost:%.16s",
                       strncmp(link, "https", 5) == 0 ? "https" : "http", port);
    else
        (void)snprintf(place->link, sizeof place->link, "%s", link);
    return true;
}

static void print_places(FILE *output, const char *where, const char *bold, const char *plain)
{
    struct place place;
    const char *before = " listening on ";
    while (next_place(&where, &place)) {
        (void)fprintf(output, "%s%s%s%s%s",
                      place.scheme == ADMIN ? "; health and metrics on " : before, bold,
                      place.scheme == UNIX ? "unix:" : "", place.link, plain);
        before = " and ";
    }
    (void)fputc('\n', output);
}

/* ---- what to try ----------------------------------------------------------------------------- */

static const struct {
    const char *flag;
    const char *target;
    const char *meaning;
} tries[] = {
    {"", "/parallel", "three hi() at once"},
    {"", "/sequence", "one after another"},
    {"-N ", "/hi?format=text", "each word the moment it is said"},
};
enum { TRIES = sizeof tries / sizeof *tries };

/* A shell takes it as it is printed. */
static void write_command(const struct place *place, int nth, char command[COMMAND_BYTES])
{
    char socket[COMMAND_BYTES / 2 + 24] = "";
    char url[COMMAND_BYTES / 2 + 24];
    const char *insecure = place->scheme == HTTPS ? "-k " : ""; /* who signed it is not known */
    if (place->scheme == UNIX)
        (void)snprintf(socket, sizeof socket,
                       strpbrk(place->link, NEEDS_QUOTES) != NULL ? "--unix-socket '%s' "
                                                                  : "--unix-socket %s ",
                       place->link);
    (void)snprintf(url, sizeof url, "%s%s", place->scheme == UNIX ? "localhost" : place->link,
                   tries[nth].target);
    const char *quote = strpbrk(url, NEEDS_QUOTES) != NULL ? "'" : "";
    (void)snprintf(command, COMMAND_BYTES, "curl %s%s%.150s%s%.150s%s", tries[nth].flag, insecure,
                   socket, quote, url, quote);
}

static void print_tries(FILE *output, const struct place *place, const char *dim, const char *plain)
{
    char commands[TRIES][COMMAND_BYTES];
    size_t widest = 0;
    for (int i = 0; i < TRIES; i++) {
        write_command(place, i, commands[i]);
        widest = strlen(commands[i]) > widest ? strlen(commands[i]) : widest;
    }
    (void)fputc('\n', output);
    for (int i = 0; i < TRIES; i++)
        (void)fprintf(output, "  %-*s  %s# %s%s\n", (int)widest, commands[i], dim, tries[i].meaning,
                      plain);
}

void greeting_print(FILE *output, const char *where, const struct config *config)
{
    bool in_colour = has_colours();
    const char *bold = in_colour ? "\033[1m" : "";
    const char *dim = in_colour ? "\033[2m" : "";
    const char *plain = in_colour ? "\033[0m" : "";
    char timeout[DURATION_TEXT_BYTES];
    struct place place;
    const char *at = where;
    (void)fprintf(output, "%sawaitd " AWAITD_VERSION "%s", bold, plain);
    print_places(output, where, bold, plain);
    while (next_place(&at, &place))
        if (place.scheme != ADMIN) {
            print_tries(output, &place, dim, plain);
            break;
        }
    duration_print(config->drain_timeout_ns, timeout);
    (void)fprintf(
        output, "\nCtrl-C stops: what is running has %s to finish. Ctrl-C again stops at once.\n\n",
        timeout);
    (void)fflush(output);
}
