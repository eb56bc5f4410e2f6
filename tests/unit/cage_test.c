/*
 * The cage alone: jobs run one after another, the queue is bounded, and a job that is abandoned
 * comes back soon, once, wherever it was. In real time, as its one purpose is to block a thread.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "async/clock.h"
#include "handlers/endpoints.h"
#include "server/runs/cage.h"
#include <stdlib.h>
#include <string.h>

#define MS        INT64_C(1000000)
#define SECOND_NS (1000 * MS)
#define JOBS_MOST 8

/* A job, its run's memory and what became of it. */
struct case_job {
    struct job job;
    int64_t delay_ns;
    int returns;
    int64_t returned_at_ns;
};

static struct case_job jobs[JOBS_MOST];
static struct cage cage;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int said_total;

static void on_served(struct job *job)
{
    (void)job;
}

static void on_return(struct job *job)
{
    struct case_job *mine = job->owner;
    (void)pthread_mutex_lock(&lock);
    mine->returns++;
    mine->returned_at_ns = clock_now_ns();
    (void)pthread_cond_broadcast(&changed);
    (void)pthread_mutex_unlock(&lock);
}

static void on_say(struct run *run)
{
    (void)run;
    (void)pthread_mutex_lock(&lock);
    said_total++;
    (void)pthread_cond_broadcast(&changed);
    (void)pthread_mutex_unlock(&lock);
}

static struct timespec in_ten_seconds(void)
{
    struct timespec end;
    (void)clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 10;
    return end;
}

/* Waits until *number, which is written under the lock, has come to `wanted`. */
static void wait_for(const int *number, int wanted)
{
    struct timespec end = in_ten_seconds();
    int error = 0;
    (void)pthread_mutex_lock(&lock);
    while (*number < wanted && error == 0)
        error = pthread_cond_timedwait(&changed, &lock, &end);
    int reached = *number;
    (void)pthread_mutex_unlock(&lock);
    assert_int_equal(reached, wanted);
}

static void start_cage(int64_t capacity)
{
    memset(jobs, 0, sizeof jobs);
    said_total = 0;
    assert_int_equal(cage_start(&cage, capacity), 0);
}

/* Makes job `nth`: /sequence of `count` blocking sleeps. */
static struct job *make_job(int nth, int64_t delay_ns, uint32_t count)
{
    struct case_job *mine = &jobs[nth];
    mine->delay_ns = delay_ns;
    struct plan plan = {.endpoint = &sequence_endpoint,
                        .delays_ns = &mine->delay_ns,
                        .delay_count = 1,
                        .count = count,
                        .sleep = SLEEP_BLOCKING};
    mine->job = (struct job){
        .run = run_init(malloc(run_bytes(&plan)), &plan, clock_now_ns()),
        .duration_ns = plan_duration_ns(&plan),
        .on_served = on_served,
        .on_return = on_return,
        .owner = mine,
    };
    mine->job.run->on_say = on_say;
    return &mine->job;
}

static bool submit(int nth, int64_t delay_ns, uint32_t count)
{
    return cage_submit(&cage, make_job(nth, delay_ns, count)) == 0;
}

/* Every job that was made has come back exactly once when a test ends. */
static void stop_cage(int made)
{
    cage_stop(&cage);
    for (int i = 0; i < made; i++) {
        assert_int_equal(jobs[i].returns, 1);
        free(jobs[i].job.run);
    }
}

static void jobs_run_in_turn_and_hold_each_other_up(void **state)
{
    (void)state;
    start_cage(JOBS_MOST);
    int64_t before_ns = clock_now_ns();
    for (int i = 0; i < 4; i++)
        assert_true(submit(i, 10 * MS, 2));
    for (int i = 0; i < 4; i++) {
        wait_for(&jobs[i].returns, 1);
        const struct timeline *timeline = jobs[i].job.run->timeline;
        assert_int_equal(timeline_said(timeline), 4);
        assert_true(timeline->blocked_ns >= 20 * MS);
        assert_true(jobs[i].returned_at_ns - before_ns >= (i + 1) * 20 * MS);
        assert_true(i == 0 || jobs[i].returned_at_ns > jobs[i - 1].returned_at_ns);
    }
    stop_cage(4);
}

static void the_queue_is_bounded_and_says_when_to_come_back(void **state)
{
    (void)state;
    start_cage(2);
    assert_true(submit(0, 5 * SECOND_NS, 1));
    wait_for(&said_total, 1);
    assert_true(submit(1, 4 * SECOND_NS, 1));
    struct job *refused = make_job(2, MS, 1);
    assert_in_range(cage_submit(&cage, refused), 5, 10);
    free(refused->run);
    cage_abandon(&cage, &jobs[1].job);
    cage_abandon(&cage, &jobs[0].job);
    wait_for(&jobs[0].returns, 1);
    assert_true(submit(2, MS, 1)); /* there is room again as soon as one is back */
    wait_for(&jobs[2].returns, 1);
    stop_cage(3);
}

static void a_sleeping_job_is_woken_when_it_is_abandoned(void **state)
{
    (void)state;
    start_cage(1);
    int64_t before_ns = clock_now_ns();
    assert_true(submit(0, 9 * SECOND_NS, 3));
    wait_for(&said_total, 1);
    cage_abandon(&cage, &jobs[0].job);
    wait_for(&jobs[0].returns, 1);
    assert_true(clock_now_ns() - before_ns < 9 * SECOND_NS);
    stop_cage(1);
}

static void a_waiting_job_comes_back_within_the_call(void **state)
{
    (void)state;
    start_cage(3);
    assert_true(submit(0, 9 * SECOND_NS, 1));
    wait_for(&said_total, 1);
    assert_true(submit(1, 9 * SECOND_NS, 1));
    assert_true(submit(2, 10 * MS, 1));
    cage_abandon(&cage, &jobs[1].job);
    assert_int_equal(jobs[1].returns, 1);
    assert_int_equal(timeline_said(jobs[1].job.run->timeline), 0);
    cage_abandon(&cage, &jobs[0].job);
    wait_for(&jobs[2].returns, 1);
    assert_int_equal(timeline_said(jobs[2].job.run->timeline), 2); /* the third had its turn */
    stop_cage(3);
}

/* Abandoned at any moment, also while it is taken up or has just ended: each comes back once. */
static void a_job_may_be_abandoned_at_any_moment(void **state)
{
    (void)state;
    for (int round = 0; round < 100; round++) {
        start_cage(JOBS_MOST);
        for (int i = 0; i < JOBS_MOST; i++)
            assert_true(submit(i, round % 3 * 100000, 1));
        for (int i = JOBS_MOST - 1; i >= 0; i--) {
            (void)pthread_mutex_lock(&lock);
            bool is_back = jobs[i].returns > 0;
            (void)pthread_mutex_unlock(&lock);
            if (!is_back)
                cage_abandon(&cage, &jobs[i].job);
        }
        for (int i = 0; i < JOBS_MOST; i++)
            wait_for(&jobs[i].returns, 1);
        stop_cage(JOBS_MOST);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_run_in_turn_and_hold_each_other_up),
        cmocka_unit_test(the_queue_is_bounded_and_says_when_to_come_back),
        cmocka_unit_test(a_sleeping_job_is_woken_when_it_is_abandoned),
        cmocka_unit_test(a_waiting_job_comes_back_within_the_call),
        cmocka_unit_test(a_job_may_be_abandoned_at_any_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
