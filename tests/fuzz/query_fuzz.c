/*
 * A query, and each as a duration: what is understood keeps to the limits, what is refused is a
 * problem that says why. The first byte chooses the endpoint and the limits.
 */
#include "server/api/query.h"
#include "tests/support/endpoints.h"

#include "server/api/routes.h"
#include "tests/fuzz/answers.h"
#include "tests/fuzz/fuzz.h"
#include "text/duration.h"
#include <ctype.h>
#include <string.h>

static const struct config configs[] = {
    {.max_delay_ns = 10 * NS_PER_SECOND, .max_count = 1000, .max_duration_ns = 60 * NS_PER_SECOND},
    {.max_delay_ns = 86400 * NS_PER_SECOND,
     .max_count = 1000000,
     .max_duration_ns = 86400 * NS_PER_SECOND},
    {.max_delay_ns = 0, .max_count = 1, .max_duration_ns = 0},
};

static void check_plan(const struct plan *plan, const struct config *config)
{
    FUZZ_CHECK(plan->count >= 1 && plan->count <= config->max_count, "a count out of bounds");
    FUZZ_CHECK(plan->tree != NULL || plan->delay_count == 1 || plan->delay_count == plan->count,
               "delays for others");
    FUZZ_CHECK((plan->tree != NULL) == plan->endpoint->takes_plan, "a plan too many, or none");
    for (uint32_t i = 0; i < plan->delay_count; i++)
        FUZZ_CHECK(plan->delays_ns[i] >= 0 && plan->delays_ns[i] <= config->max_delay_ns,
                   "a delay out of bounds");
    FUZZ_CHECK(plan_duration_ns(plan) <= config->max_duration_ns, "it takes too long");
    FUZZ_CHECK(plan->sleep < SLEEP_MODES, "an unknown way to sleep");
}

static void check_problem(const struct problem *problem, h2o_mem_pool_t *pool)
{
    FUZZ_CHECK(problem->status == 400 && problem->detail[0] != '\0', "refused without a reason");
    for (const char *at = problem->detail; *at != '\0'; at++)
        FUZZ_CHECK(isprint((unsigned char)*at), "client bytes in a message");
    FUZZ_CHECK(!problem->has_bounds || problem->minimum <= problem->maximum, "bounds that cross");
    h2o_iovec_t document = problem_document(pool, problem);
    answers_check_problem(document.base, document.len, 400);
}

_Static_assert(ENDPOINTS == 3, "choice % 4 is one of them, or /run");

static void check_query(const char *text, size_t size, uint8_t choice)
{
    h2o_mem_pool_t pool;
    struct query query;
    struct problem problem = {0};
    const struct config *config = &configs[choice / 4 % 3];
    h2o_mem_init_pool(&pool);
    if (query_parse((struct text){text, size}, (struct text){NULL, 0},
                    choice % 4 == 3 ? &run_endpoint : endpoints[choice % 4], routes, config, &pool,
                    &query, &problem))
        check_plan(&query.plan, config);
    else
        check_problem(&problem, &pool);
    h2o_mem_clear_pool(&pool);
}

/* What is understood can be written, and read back as the same. */
static void check_duration(const char *text, size_t size)
{
    char printed[DURATION_TEXT_BYTES];
    int64_t duration_ns = -1;
    int64_t again_ns = -1;
    if (!duration_parse(text, size, &duration_ns))
        return;
    FUZZ_CHECK(duration_ns >= 0, "a negative duration");
    FUZZ_CHECK(isdigit((unsigned char)text[0]), "a duration that begins with no digit");
    duration_print(duration_ns, printed);
    FUZZ_CHECK(duration_parse(printed, strlen(printed), &again_ns), "it is not read back");
    FUZZ_CHECK(again_ns == duration_ns, "it is read back as another");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    const char *text = (const char *)bytes + 1;
    check_query(text, size - 1, bytes[0]);
    check_duration(text, size - 1);
    return 0;
}
