/*
 * What an operator can set.
 *
 * One table (config/options.c) holds every option. From it come the flags, the environment
 * variables, the keys of the JSON file, --help, --check-config and the README's table. A flag wins
 * over the environment, that over the file, and that over the default. A value that was given wins
 * even when it equals the default.
 *
 * Owner: main() keeps the one `struct config` on its stack and lends it, read-only, to everything
 * else; it must outlive the server. Texts in it belong to it and are freed by config_free().
 * Thread: loaded before any thread is started, never written afterwards.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum config_log {
    CONFIG_LOG_AUTO, /* text on a terminal, JSON elsewhere */
    CONFIG_LOG_TEXT,
    CONFIG_LOG_JSON,
    CONFIG_LOG_OFF,
};

enum config_switch {
    CONFIG_ON,
    CONFIG_OFF,
};

struct config {
    char *host;             /* address or name to listen on; "::" is every address, both families */
    int64_t port;           /* 0: the kernel picks one, and the start-up line says which */
    char *unix_path;        /* a Unix socket to listen on as well, or "" for none */
    char *tls_cert;         /* PEM file: a certificate and its chain; "" is no TLS */
    char *tls_key;          /* PEM file: the certificate's private key; "" is no TLS */
    int64_t tls_port;       /* with TLS; 0 as with port */
    int64_t plain;          /* enum config_switch: whether to listen on `port` at all */
    int64_t http2;          /* enum config_switch: whether to speak HTTP/2 */
    int64_t admin_port;     /* for health and metrics alone; 0 is none */
    char *trusted_proxies;  /* for trusted_parse(); "" is nobody */
    int64_t proxy_protocol; /* enum config_switch: whether connections begin with a PROXY header */
    int64_t threads;        /* event-loop threads; 0 is one per core that we may use */
    int64_t log;            /* enum config_log */
    int64_t max_delay_ns;   /* the longest that one hi() may wait */
    int64_t max_count;      /* the most hi() in one request */
    int64_t max_duration_ns;   /* the longest that one request may take in all */
    int64_t max_tasks;         /* the most hi() in flight, of all requests together */
    int64_t max_held_bytes;    /* the most memory of all requests together, past connections' own */
    int64_t max_connections;   /* the most that are open at once */
    int64_t max_blocking;      /* the most requests with sleep=blocking that run or queue */
    int64_t max_body_bytes;    /* the largest request body */
    int64_t max_headers;       /* the most header fields of one request */
    int64_t http2_max_streams; /* the most requests at once on one HTTP/2 connection */
    int64_t http2_max_resets;  /* the most streams that an HTTP/2 client may abandon in 10 s */
    int64_t request_timeout_ns; /* from a request's first byte until it is whole */
    int64_t idle_timeout_ns;    /* without a request, on a connection that is kept alive */
    int64_t write_timeout_ns;   /* without the client taking any byte of its answer */
    int64_t drain_delay_ns;     /* accepting goes on, without being ready, once told to stop */
    int64_t drain_timeout_ns;   /* for running requests to finish once told to stop */
    int64_t page;               /* enum config_switch: whether a browser gets the page at / */
    int64_t live;               /* enum config_switch: whether runs are shown to others */
    int64_t record_bytes;       /* memory of the recordings that are kept; 0: none is made */
    int64_t max_viewers;        /* the most streams of /events at once */

    bool host_is_from_HOST; /* no setting: whether that variable gave `host` */
};
