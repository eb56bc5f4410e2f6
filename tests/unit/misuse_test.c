/*
 * Misuse that only shows when it runs stops the process, in every build, and says what was wrong.
 * Each one happens in a child process, which must die of SIGABRT with that sentence on stderr.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/count.h"
#include "tests/support/diary.h"
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static struct co_loop loop;
static struct diary diary;
static struct co top;
static struct co child;

static void run(co_body *body)
{
    co_start(&diary.scope, body, &top);
    virtual_clock_run(&loop);
}

static void returns(struct co *co)
{
    async(co) {
        await(co_sleep(co, 1));
        return;
    }
}

static void awaits_in_a_switch(struct co *co)
{
    async(co) {
        switch (co_nth(co)) {
        case 0:
            await(co_sleep(co, 1));
        }
    }
}

static void awaits_in_its_finally(struct co *co)
{
    async(co) {
        await(co_sleep(co, 1));
        finally
        {
            await(co_sleep(co, 1));
        }
    }
}

static void await_in_finally_when_cancelled(void)
{
    co_start(&diary.scope, awaits_in_its_finally, &top);
    virtual_clock_step(&loop);
    co_cancel(&top);
}

static void awaits_anothers_sleep(struct co *co)
{
    async(co) {
        await(co_sleep(&child, 1));
    }
}

static struct co_wait anothers_wait(struct co *co)
{
    struct co_wait mine = co_sleep(co, 1);
    (void)mine;
    return (struct co_wait){&child};
}

static void awaits_anothers_wait(struct co *co)
{
    async(co) {
        await(anothers_wait(co));
    }
}

static void awaits_nothing(struct co *co)
{
    async(co) {
        await((struct co_wait){co});
    }
}

static void cancels_itself(struct co *co)
{
    async(co) {
        co_cancel(co);
    }
}

static void cancels_the_top(struct co *co)
{
    async(co) {
        await(co_sleep(co, 1));
        finally
        {
            co_cancel(&top);
        }
    }
}

static void calls_one_that_cancels_the_top(struct co *co)
{
    async(co) {
        await(co_call(co, cancels_the_top, &child));
    }
}

static void cancel_of_an_ancestor_that_is_being_cancelled(void)
{
    co_start(&diary.scope, calls_one_that_cancels_the_top, &top);
    virtual_clock_step(&loop);
    co_cancel(&top);
}

static void cancels_its_scope(struct co *co)
{
    async(co) {
        co_cancel_scope(co_scope_of(co));
    }
}

static void cancel_of_a_scope_that_would_not_hear_of_it(void)
{
    co_start(&diary.scope, cancels_its_scope, &top);
    co_cancel_scope(&diary.scope);
}

static void time_goes_back(void)
{
    co_loop_step(&loop, 2);
    co_loop_step(&loop, 1);
}

static void blocks(struct co *co)
{
    async(co) {
        co_block(co, 1);
    }
}

static void block_on_a_loop_that_cannot(void)
{
    co_loop_init(&loop, 0, NULL);
    run(blocks);
}

static void calls_a_body_by_hand(struct co *co)
{
    async(co) {
        cancels_itself(&child);
    }
}

static void cleans_up(struct co *co)
{
    async(co) {
        finally
        {
        }
    }
}

static void a_finished_body_called_by_hand(void)
{
    run(cleans_up);
    cleans_up(&top);
}

static struct misuse {
    const char *name;
    const char *complaint;
    co_body *body;        /* what does it, */
    void (*commit)(void); /* or more than one body does */
} misuses[] = {
    {"return inside of async", "a body returned from inside of its async block", returns, NULL},
    {"await in a nested switch", "an await inside of a nested switch", awaits_in_a_switch, NULL},
    {"await in finally", "only a running coroutine waits, and not in its finally",
     awaits_in_its_finally, NULL},
    {"await in finally, when cancelled", "only a running coroutine waits, and not in its finally",
     NULL, await_in_finally_when_cancelled},
    {"await of another's sleep", "only a running coroutine waits, and not in its finally",
     awaits_anothers_sleep, NULL},
    {"await of another's wait",
     "await takes what an awaitable of the same coroutine has just returned", awaits_anothers_wait,
     NULL},
    {"await of nothing", "await takes what an awaitable of the same coroutine has just returned",
     awaits_nothing, NULL},
    {"cancel of itself", "a running coroutine cannot be cancelled", cancels_itself, NULL},
    {"cancel of its caller", "a scope cannot be cancelled from within",
     calls_one_that_cancels_the_top, NULL},
    {"cancel of its caller, when cancelled", "a running coroutine cannot be cancelled", NULL,
     cancel_of_an_ancestor_that_is_being_cancelled},
    {"cancel of its scope", "a scope cannot be cancelled from within", cancels_its_scope, NULL},
    {"cancel of a scope without a callback", "a scope that is cancelled needs on_cancelled()", NULL,
     cancel_of_a_scope_that_would_not_hear_of_it},
    {"time going back", "time went back: give co_loop_step() a monotonic clock", NULL,
     time_goes_back},
    {"block on a loop that cannot", "this loop was not made to be blocked", NULL,
     block_on_a_loop_that_cannot},
    {"body called by hand", "a body was called by hand: use call(), gather() or co_start()",
     calls_a_body_by_hand, NULL},
    {"finished body called by hand",
     "a body was called by hand: use call(), gather() or co_start()", NULL,
     a_finished_body_called_by_hand},
};

/* Does not return. A core file of something that is meant to die would only be in the way. */
static void commit_in_child(const struct misuse *misuse, int stderr_fd)
{
    (void)signal(SIGSEGV, SIG_DFL); /* cmocka's handler would carry on with the next test */
    (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    (void)dup2(stderr_fd, STDERR_FILENO);
    memset(&top, 0, sizeof top);
    memset(&child, 0, sizeof child);
    co_loop_init(&loop, 0, virtual_clock_block_until);
    diary_init(&diary, &loop);
    if (misuse->commit != NULL)
        misuse->commit();
    else
        run(misuse->body);
    _exit(0);
}

static void the_process_stops_and_says_why(void **state)
{
    const struct misuse *misuse = *state;
    char said[512] = "";
    int ends[2];
    int status = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0)
        commit_in_child(misuse, ends[1]);
    close(ends[1]);
    for (ssize_t length = 0, got = 1; got > 0; length += got)
        got = read(ends[0], said + length, sizeof said - 1 - (size_t)length);
    close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (strstr(said, misuse->complaint) == NULL)
        fail_msg("expected: %s\nsaid: %s", misuse->complaint, said);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

int main(void)
{
    struct CMUnitTest tests[COUNT(misuses)];
    for (size_t i = 0; i < COUNT(misuses); i++)
        tests[i] = (struct CMUnitTest){.name = misuses[i].name,
                                       .test_func = the_process_stops_and_says_why,
                                       .initial_state = &misuses[i]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
