/*
 * Attacks on HTTP/2, in tables: each is run with TLS and without, against a service with tight
 * limits (tight_service_case.h). The attacker's connection must be cut off and the reason counted;
 * a client beside it must not notice. Needs cmocka.h before it.
 */
#pragma once

#include "tests/support/h2.h"
#include "tests/support/metric.h"
#include "tests/support/tight_service_case.h"
#include <signal.h>

#define PATIENCE_MS 10000

struct attack {
    const char *name;
    void (*attack)(struct h2 *h2); /* gathers; what it gathered is sent at once */
    const char *cause;             /* the label of awaitd_http2_connections_killed_total */
};

static inline void attack_killed_sample(char *sample, size_t size, const char *cause)
{
    (void)snprintf(sample, size, "awaitd_http2_connections_killed_total{cause=\"%s\"}", cause);
}

static inline double attack_killed(const char *cause)
{
    char sample[128];
    attack_killed_sample(sample, sizeof sample, cause);
    return metric_of(&service, sample);
}

/* The service answers, another client's connection is as it was, and one more was cut off. */
static inline void attack_expect_killed(struct h2 *bystander, const char *cause, double before)
{
    char sample[128];
    attack_killed_sample(sample, sizeof sample, cause);
    metric_expect(&service, sample, before + 1);
    h2_get(bystander, 1, "/hi?delay=0", H2_END_STREAM);
    assert_true(h2_send(bystander));
    assert_true(h2_answered(bystander, 1, PATIENCE_MS));
    assert_int_equal(kill(service.pid, 0), 0);
}

static inline void attack_run(const struct attack *attack, bool is_tls)
{
    struct h2 h2;
    struct h2 bystander;
    int error = -1;
    double before = attack_killed(attack->cause);
    print_message("%s%s\n", attack->name, is_tls ? ", TLS" : "");
    h2_open(&bystander, &service, is_tls);
    h2_open(&h2, &service, is_tls);
    attack->attack(&h2);
    (void)h2_send(&h2);
    assert_true(h2_ends(&h2, &error, PATIENCE_MS));
    attack_expect_killed(&bystander, attack->cause, before);
    h2_close(&h2);
    h2_close(&bystander);
}

/* All of them, one after the other; none leaves a task or a request behind. */
static inline void attack_each(const struct attack *attacks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (int is_tls = 0; is_tls < 2; is_tls++)
            attack_run(&attacks[i], is_tls != 0);
    metric_expect(&service, "awaitd_tasks_active", 0);
    metric_expect(&service, "http_requests_in_flight", 0);
}
