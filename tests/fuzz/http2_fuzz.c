/*
 * Frames to an HTTP/2 connection of the real server. After its first byte
 * (client.h) an input is a row of records, so that a fuzzer needs not guess lengths:
 *
 *     type  flags  stream  length  payload    a frame, on a stream of up to 255
 *     type + 0x40  ...                        its payload alone, raw
 *     type + 0x80  ...  times                 so often, times 8: floods
 *
 * The preface leads. What comes back is well-formed, and nothing of it stays behind.
 */
#include "tests/fuzz/answers.h"
#include "tests/fuzz/client.h"
#include "tests/fuzz/frames.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>

#define RAW      0x40
#define REPEATED 0x80

#define INPUT_MOST_BYTES 4096
#define SENT_MOST_BYTES  ((size_t)1 << 20)

struct sending {
    uint8_t *bytes;
    size_t size;
};

static void add(struct sending *sending, const void *bytes, size_t size)
{
    if (size > SENT_MOST_BYTES - sending->size)
        return;
    memcpy(sending->bytes + sending->size, bytes, size);
    sending->size += size;
}

static void add_frame(struct sending *sending, const uint8_t *record, size_t length)
{
    uint8_t type = record[0] & 0x3f;
    uint8_t header[FRAME_HEADER_BYTES] = {0, 0, (uint8_t)length, type, record[1], 0,
                                          0, 0, record[2]};
    if ((record[0] & RAW) == 0)
        add(sending, header, sizeof header);
    add(sending, record + 4, length);
}

/* Returns where the next record begins; the last one may be cut. */
static const uint8_t *add_record(struct sending *sending, const uint8_t *at, const uint8_t *end)
{
    size_t rest = (size_t)(end - at) - 4;
    size_t length = at[3] < rest ? at[3] : rest;
    const uint8_t *next = at + 4 + length;
    bool is_repeated = (at[0] & REPEATED) != 0 && next < end;
    int times = is_repeated ? *next * 8 : 1;
    for (int i = 0; i < times; i++)
        add_frame(sending, at, length);
    return is_repeated ? next + 1 : next;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    const uint8_t *end = bytes + size;
    struct client client;
    if (size == 0 || size > INPUT_MOST_BYTES)
        return 0;
    struct sending sending = {.bytes = malloc(SENT_MOST_BYTES)};
    FUZZ_CHECK(sending.bytes != NULL, "out of memory");
    add(&sending, preface, sizeof preface - 1);
    for (const uint8_t *at = bytes + 1; end - at >= 4;)
        at = add_record(&sending, at, end);
    client_live(&client, bytes[0], sending.bytes, sending.size);
    (void)frames_check(client.answer, client.answer_bytes);
    answers_check_log(client.log);
    loop_free(&client);
    free(sending.bytes);
    return 0;
}
