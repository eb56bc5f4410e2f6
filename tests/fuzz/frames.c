#include "tests/fuzz/frames.h"

#include "tests/fuzz/answers.h"
#include "tests/fuzz/fuzz.h"

#define PAYLOAD_MOST 16384
#define STREAMS      256 /* that are looked at more closely */

#define DATA          0
#define HEADERS       1
#define RST_STREAM    3
#define SETTINGS      4
#define PING          6
#define GOAWAY        7
#define WINDOW_UPDATE 8
#define CONTINUATION  9
#define END_STREAM    1

/* Of the static table: the whole field ":status: 400" is one byte (RFC 7541, appendix A). */
#define STATUS_400 0x8c
#define STATUS_404 0x8d

struct frame {
    size_t length;
    int type;
    int flags;
    uint32_t stream;
    const uint8_t *payload;
};

static uint32_t read_32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static struct frame read_frame(const uint8_t *at, size_t rest)
{
    FUZZ_CHECK(rest >= FRAME_HEADER_BYTES, "a frame header that is cut");
    struct frame frame = {.length = read_32(at) >> 8,
                          .type = at[3],
                          .flags = at[4],
                          .stream = read_32(at + 5),
                          .payload = at + FRAME_HEADER_BYTES};
    FUZZ_CHECK(frame.length <= PAYLOAD_MOST, "a frame that is larger than it may be");
    FUZZ_CHECK(frame.length <= rest - FRAME_HEADER_BYTES, "a frame that is cut");
    FUZZ_CHECK(frame.stream <= INT32_MAX, "a stream with the reserved bit");
    return frame;
}

static void check_shape(const struct frame *frame)
{
    switch (frame->type) {
    case DATA:
    case HEADERS:
    case CONTINUATION:
        FUZZ_CHECK(frame->stream % 2 == 1, "an answer on a stream that is not the client's");
        break;
    case RST_STREAM:
        FUZZ_CHECK(frame->stream != 0 && frame->length == 4, "RST_STREAM");
        break;
    case SETTINGS:
        FUZZ_CHECK(frame->stream == 0 && frame->length % 6 == 0, "SETTINGS");
        break;
    case PING:
        FUZZ_CHECK(frame->stream == 0 && frame->length == 8, "PING");
        break;
    case GOAWAY:
        FUZZ_CHECK(frame->stream == 0 && frame->length >= 8, "GOAWAY");
        break;
    case WINDOW_UPDATE:
        FUZZ_CHECK(frame->length == 4 && read_32(frame->payload) != 0, "WINDOW_UPDATE");
        break;
    default:
        FUZZ_CHECK(false, "a frame that no server sends");
    }
}

/* Of an answer in one HEADERS and one DATA, as errors are. */
static void check_error(uint8_t status[STREAMS], const struct frame *frame)
{
    if (frame->stream >= STREAMS || frame->type > HEADERS)
        return;
    uint8_t *known = &status[frame->stream];
    const char *body = (const char *)frame->payload;
    if (frame->type == HEADERS)
        *known = frame->length > 0 ? frame->payload[0] : 0;
    else if ((frame->flags & END_STREAM) != 0 && frame->length > 0 &&
             (*known == STATUS_400 || *known == STATUS_404))
        answers_check_problem(body, frame->length, *known == STATUS_400 ? 400 : 404);
    else if (frame->type == DATA)
        *known = 0;
}

size_t frames_check(const uint8_t *bytes, size_t size)
{
    uint8_t status[STREAMS] = {0};
    size_t count = 0;
    for (size_t at = 0; at < size; count++) {
        struct frame frame = read_frame(bytes + at, size - at);
        FUZZ_CHECK(count > 0 || frame.type == SETTINGS, "it does not begin with SETTINGS");
        check_shape(&frame);
        check_error(status, &frame);
        at += FRAME_HEADER_BYTES + frame.length;
    }
    return count;
}
