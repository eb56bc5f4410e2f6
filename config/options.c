#include "config/options.h"

#include "text/duration.h"
#include "text/names.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define HOUR (3600 * NS_PER_SECOND)
#define DAY  (24 * HOUR)

static const char *const log_choices[] = {
    [CONFIG_LOG_AUTO] = "auto",
    [CONFIG_LOG_TEXT] = "text",
    [CONFIG_LOG_JSON] = "json",
    [CONFIG_LOG_OFF] = "off",
};

static const char *const completion_choices[] = {"bash", "zsh", "fish"};

const struct option_group_name option_groups[GROUP_COUNT] = {
    [GROUP_LISTENING] = {"listening", "Listening"},
    [GROUP_LIMITS] = {"limits", "Limits"},
    [GROUP_TIMEOUTS] = {"timeouts", "Time-outs"},
    [GROUP_LOGGING] = {"logging", "Logging"},
    [GROUP_LIVE] = {"live", "The page, and what it shows"},
    [GROUP_OTHER] = {"other", "Other"},
};

static const char *const switch_choices[] = {[CONFIG_ON] = "on", [CONFIG_OFF] = "off"};

/* clang-format off */
#define SETTING(kind_, name_, field, group_, default_, least, most)             \
    .kind = (kind_), .name = (name_), .offset = offsetof(struct config, field), \
    .group = GROUP_##group_, .default_text = (default_), .minimum = (least), .maximum = (most)

#define TEXT(...)   SETTING(KIND_TEXT, __VA_ARGS__)
#define NUMBER(...) SETTING(KIND_NUMBER, __VA_ARGS__), .metavar = "NUMBER"
#define TIME(...)   SETTING(KIND_TIME, __VA_ARGS__), .metavar = "TIME"
#define SIZE(...)   SETTING(KIND_SIZE, __VA_ARGS__), .metavar = "SIZE"
#define CHOICE(...) SETTING(KIND_CHOICE, __VA_ARGS__)
#define SWITCH(...) \
    CHOICE(__VA_ARGS__, CONFIG_ON, CONFIG_OFF), .choices = switch_choices, .metavar = "SWITCH"
#define ACTION(name_) .kind = KIND_ACTION, .group = GROUP_OTHER, .name = (name_)

const struct option option_table[OPTION_COUNT] = {
    /*      name                field               group      default    least           most */
    {TEXT  ("host",             host,               LISTENING, "::",      1,              255),
     .meaning = "address or name to listen on; :: is every one",
     .metavar = "ADDRESS", .plain_variable = "HOST"},
    {NUMBER("port",             port,               LISTENING, "8080",    0,              65535),
     .meaning = "TCP port to listen on; 0 lets the kernel pick one", .plain_variable = "PORT",
     .brief = "port to listen on; 0 is any that is free"},
    /* 107 is what struct sockaddr_un holds before its NUL. */
    {TEXT  ("unix",             unix_path,          LISTENING, "",        0,              107),
     .meaning = "Unix socket to listen on as well", .metavar = "PATH"},
    /* 4095 is what Linux allows a path before its NUL. */
    {TEXT  ("tls_cert",         tls_cert,           LISTENING, "",        0,              4095),
     .meaning = "certificate and its chain, PEM; with --tls-key, --tls-port speaks TLS. SIGHUP "
                "reads both again", .metavar = "FILE"},
    {TEXT  ("tls_key",          tls_key,            LISTENING, "",        0,              4095),
     .meaning = "its private key, PEM, without a passphrase", .metavar = "FILE"},
    {NUMBER("tls_port",         tls_port,           LISTENING, "8443",    0,              65535),
     .meaning = "TCP port for TLS, once there is a certificate; 0 lets the kernel pick one"},
    {SWITCH("plain",            plain,              LISTENING, "on"),
     .meaning = "off: do not listen on --port, only with TLS"},
    {SWITCH("http2",            http2,              LISTENING, "on"),
     .meaning = "HTTP/2, with TLS and (prior knowledge) without; off: HTTP/1 only"},
    {NUMBER("admin_port",       admin_port,         LISTENING, "0",       0,              65535),
     .meaning = "port for health and metrics, which then are there alone; 0 is none"},
    {TEXT  ("trusted_proxies",  trusted_proxies,    LISTENING, "",        0,              4095),
     .meaning = "networks, and unix, whose Forwarded and X-Forwarded-For say who the client is: "
                "10.0.0.0/8,fd00::/8", .metavar = "LIST"},
    {SWITCH("proxy_protocol",   proxy_protocol,     LISTENING, "off"),
     .meaning = "on: connections begin with a PROXY header, v1 or v2, but for --admin-port"},
    {NUMBER("threads",          threads,            LISTENING, "0",       0,              256),
     .meaning = "event-loop threads; 0 is one per core"},
    {CHOICE("log",              log,                LOGGING,   "auto",    0,              CONFIG_LOG_OFF),
     .meaning = "log lines for people, for machines, or none; auto is text on a terminal, json "
                "elsewhere", .choices = log_choices, .metavar = "FORM",
     .brief = "auto, text, json or off"},
    {TIME  ("max_delay",        max_delay_ns,       LIMITS,    "10s",     0,              DAY),
     .meaning = "longest that one hi() may wait", .brief = "longest that one hi() may wait"},
    {NUMBER("max_count",        max_count,          LIMITS,    "1000",    1,              1000000),
     .meaning = "most hi() in one request; not more than --max-tasks"},
    {TIME  ("max_duration",     max_duration_ns,    LIMITS,    "60s",     0,              DAY),
     .meaning = "longest that one request may take in all"},
    {NUMBER("max_tasks",        max_tasks,          LIMITS,    "1000000", 1,              10000000),
     .meaning = "most hi() in flight, all requests together"},
    {SIZE  ("max_held",         max_held_bytes,     LIMITS,    "256MiB",  MIB,            KIB * KIB * MIB),
     .meaning = "most memory that requests hold together beyond 20 kB for each connection: large "
                "ones, answers not taken yet, HTTP/2's"},
    {NUMBER("max_connections",  max_connections,    LIMITS,    "16384",   1,              1000000),
     .meaning = "most connections open at once"},
    {NUMBER("max_blocking",     max_blocking,       LIMITS,    "16",      1,              1000),
     .meaning = "most requests with sleep=blocking, running or queued"},
    {SIZE  ("max_body",         max_body_bytes,     LIMITS,    "64KiB",   0,              16 * MIB),
     .meaning = "largest request body, in bytes, KiB or MiB"},
    /* libh2o's own array ends at 100. */
    {NUMBER("max_headers",      max_headers,        LIMITS,    "64",      1,              100),
     .meaning = "most header fields of one request"},
    {NUMBER("http2_max_streams", http2_max_streams, LIMITS,    "100",     1,              10000),
     .meaning = "most requests at once on one HTTP/2 connection"},
    {NUMBER("http2_max_resets", http2_max_resets,   LIMITS,    "200",     1,              1000000),
     .meaning = "most streams that one HTTP/2 connection may abandon within 10s"},
    {TIME  ("request_timeout",  request_timeout_ns, TIMEOUTS,  "10s",     10 * NS_PER_MS, HOUR),
     .meaning = "from a request's first byte until it is whole; also for a PROXY header and a TLS "
                "handshake"},
    {TIME  ("idle_timeout",     idle_timeout_ns,    TIMEOUTS,  "30s",     10 * NS_PER_MS, HOUR),
     .meaning = "without a request, on a kept-alive connection"},
    {TIME  ("write_timeout",    write_timeout_ns,   TIMEOUTS,  "10s",     10 * NS_PER_MS, HOUR),
     .meaning = "without the client taking any byte of its answer"},
    {TIME  ("drain_delay",      drain_delay_ns,     TIMEOUTS,  "0s",      0,              HOUR),
     .meaning = "still accept so long after being told to stop, with /readyz at 503"},
    {TIME  ("drain_timeout",    drain_timeout_ns,   TIMEOUTS,  "9s",      0,              HOUR),
     .meaning = "for running requests to finish once told to stop; the default ends before "
                "Docker's 10s"},
    {SWITCH("page",             page,               LIVE,      "on"),
     .meaning = "a browser that asks for / gets the page; off: / is 404"},
    {SWITCH("live",             live,               LIVE,      "on"),
     .meaning = "runs are recorded, and shown to anybody at /runs and /events, by target, times and "
                "X-Request-Id; off: both are 404"},
    {SIZE  ("record_bytes",     record_bytes,       LIVE,      "8MiB",    64 * KIB,       1024 * MIB),
     .meaning = "memory for recordings; the oldest go first"},
    {NUMBER("max_viewers",      max_viewers,        LIVE,      "64",      1,              10000),
     .meaning = "most streams of /events at once"},

    [OPTION_CONFIG]       = {ACTION("config"),       .metavar = "FILE",
     .meaning = "JSON file to read settings from", .brief = "JSON file to read settings from"},
    [OPTION_CHECK_CONFIG] = {ACTION("check_config"),
     .meaning = "check all, print the settings as JSON and exit"},
    [OPTION_HEALTHCHECK]  = {ACTION("healthcheck"),
     .meaning = "ask the instance that runs; exit 0 if it is alive, else 1"},
    [OPTION_COMPLETION]   = {ACTION("completion"),   .metavar = "SHELL",
     .choices = completion_choices, .maximum = 2,
     .meaning = "print what makes bash, zsh or fish complete these, and exit: "
                "source <(awaitd --completion bash)"},
    [OPTION_HELP]         = {ACTION("help"),         .letter = 'h', .metavar = "[WHAT]",
     .meaning = "print a screen of help and exit; of all options, of a group, or as a table: --help "
                "all, --help limits, --help markdown, --help man"},
    [OPTION_VERSION]      = {ACTION("version"),      .letter = 'V',
     .meaning = "print the version and exit"},
};
/* clang-format on */

/* What leads a name in each style, and how many rows of the table the style can name. */
static const struct {
    const char *prefix;
    size_t rows;
} styles[] = {
    [NAME_FLAG] = {"--", OPTION_COUNT},
    [NAME_VARIABLE] = {VARIABLE_PREFIX, OPTION_CONFIG + 1},
    [NAME_KEY] = {"", OPTION_SETTINGS},
};

void option_name(const struct option *option, enum name_style style, char text[NAME_TEXT_BYTES])
{
    (void)snprintf(text, NAME_TEXT_BYTES, "%s%s", styles[style].prefix, option->name);
    for (char *byte = text + strlen(styles[style].prefix); *byte != '\0'; byte++) {
        if (style == NAME_VARIABLE)
            *byte = (char)toupper((unsigned char)*byte);
        else if (style == NAME_FLAG && *byte == '_')
            *byte = '-';
    }
}

void option_usage(const struct option *option, char usage[NAME_TEXT_BYTES])
{
    char name[NAME_TEXT_BYTES];
    option_name(option, NAME_FLAG, name);
    if (option->letter != '\0')
        (void)snprintf(usage, NAME_TEXT_BYTES, "-%c, %.32s%s%s", option->letter, name,
                       option->metavar != NULL ? " " : "",
                       option->metavar != NULL ? option->metavar : "");
    else if (option->metavar != NULL)
        (void)snprintf(usage, NAME_TEXT_BYTES, "%.32s %s", name, option->metavar);
    else
        (void)snprintf(usage, NAME_TEXT_BYTES, "%s", name);
}

const char *option_default(const struct option *option)
{
    return *option->default_text != '\0' ? option->default_text : "none";
}

const struct option *option_find(enum name_style style, const char *text, size_t length)
{
    char name[NAME_TEXT_BYTES];
    for (size_t i = 0; i < styles[style].rows; i++) {
        option_name(&option_table[i], style, name);
        if (strlen(name) == length && memcmp(name, text, length) == 0)
            return &option_table[i];
    }
    return NULL;
}

/* Leaves out the prefix: as all names share it, it would make every name look near. */
static size_t write_as_key(enum name_style style, const char *text, size_t length,
                           char key[NAME_TEXT_BYTES])
{
    size_t begin = style == NAME_VARIABLE ? strlen(VARIABLE_PREFIX) : 0;
    while (begin < length && text[begin] == '-')
        begin++;
    size_t used = 0;
    for (; begin + used < length && used < NAME_TEXT_BYTES; used++) {
        char byte = text[begin + used];
        key[used] = (char)(byte == '-' ? '_' : tolower((unsigned char)byte));
    }
    return used;
}

const struct option *option_nearest(enum name_style style, const char *text, size_t length)
{
    char key[NAME_TEXT_BYTES];
    const char *known[OPTION_COUNT];
    for (size_t i = 0; i < styles[style].rows; i++)
        known[i] = option_table[i].name;
    size_t key_length = write_as_key(style, text, length, key);
    const char *nearest = nearest_name(key, key_length, known, styles[style].rows);
    for (size_t i = 0; i < styles[style].rows; i++)
        if (known[i] == nearest)
            return &option_table[i];
    return NULL;
}
