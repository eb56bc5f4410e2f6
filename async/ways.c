#include "async/ways.h"

extern const struct co_way co_way_for_room;
extern const struct co_way co_way_has_room;
extern const struct co_way co_way_timeout;
extern const struct co_way co_way_gather;
extern const struct co_way co_way_collect;
extern const struct co_way co_way_group;
extern const struct co_way co_way_race;
extern const struct co_way co_way_shield;

const struct co_way *const co_ways[CO_WAITINGS] = {
    [CO_AT_ONCE] = &co_way_has_room,  [CO_FOR_ROOM] = &co_way_for_room,
    [CO_HAS_ROOM] = &co_way_has_room, [CO_FOR_TIMEOUT] = &co_way_timeout,
    [CO_FOR_GATHER] = &co_way_gather, [CO_FOR_COLLECT] = &co_way_collect,
    [CO_FOR_GROUP] = &co_way_group,   [CO_FOR_RACE] = &co_way_race,
    [CO_FOR_SHIELD] = &co_way_shield,
};
