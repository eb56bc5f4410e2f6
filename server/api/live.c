#include "server/api/live.h"

#include "server/api/live_events.h"
#include "server/api/live_runs.h"

bool live_is_on(const struct config *config)
{
    return config->live == CONFIG_ON;
}

void live_read(struct loop *loop)
{
    struct letter *letter = mailbox_take(&loop->inbox);
    while (letter != NULL) {
        struct letter *next = letter->next;
        if (letter->kind == LETTER_ERRAND)
            live_errand_back(loop, (struct errand *)letter);
        else if (letter->kind == LETTER_FAREWELL)
            live_farewell(loop, container_of(letter, struct viewer, farewell));
        else
            live_piece_came(container_of(letter, struct viewer, letter));
        letter = next;
    }
}

void live_drain(struct loop *loop)
{
    if (loop->tape == NULL)
        return;
    struct letter *letter = h2o_mem_alloc(sizeof *letter);
    letter->kind = LETTER_DRAIN;
    tape_hand_over(loop->tape);
    recorder_post(loop->shared->recorder, letter);
}
