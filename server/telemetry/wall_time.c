#include "server/telemetry/wall_time.h"

#include <time.h>

const char *wall_time_text(struct wall_time *time, int64_t second, int milliseconds)
{
    if (time->second != second || time->text[0] == '\0') {
        struct tm utc;
        time->second = second;
        (void)strftime(time->text, sizeof time->text, "%Y-%m-%dT%H:%M:%S.000Z",
                       gmtime_r(&second, &utc));
    }
    char *digits = time->text + WALL_TIME_BYTES - 4;
    digits[0] = (char)('0' + milliseconds / 100);
    digits[1] = (char)('0' + milliseconds / 10 % 10);
    digits[2] = (char)('0' + milliseconds % 10);
    return time->text;
}
