/* An array whose size is known only when it runs cannot even be jumped over. */
#include "async/async.h"

struct misuse {
    struct co co;
    int numbers[3];
};

void fill(int *numbers);
void misuse(struct co *co, int count);

void misuse(struct co *co, int count)
{
    struct misuse *self = (struct misuse *)co;
    async(co) {
#ifdef REPAIRED
        (void)count;
        await(co_sleep(co, 1));
        fill(self->numbers);
#else
        int numbers[count];
        await(co_sleep(co, self->numbers[0]));
        fill(numbers);
#endif
    }
}
