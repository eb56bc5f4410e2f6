#include "text/word_list.h"

#include <stdio.h>

static void write_last(struct word_list *list, const char *before)
{
    size_t room = sizeof list->text - list->length;
    const char *separator = list->length == 0 ? "" : before;
    int length = snprintf(list->text + list->length, room, "%s%s", separator, list->last);
    list->length += (size_t)length < room ? (size_t)length : room - 1;
}

void word_list_add(struct word_list *list, const char *name)
{
    if (list->last != NULL)
        write_last(list, ", ");
    list->last = name;
}

const char *word_list_end(struct word_list *list)
{
    if (list->last != NULL)
        write_last(list, " and ");
    return list->text;
}
