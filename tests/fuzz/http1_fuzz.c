/*
 * Bytes to an HTTP/1 connection of the real server: whatever they are, its answers are well-formed,
 * each error is a problem, each log line is JSON, and nothing of it stays behind.
 */
#include "tests/fuzz/answers.h"
#include "tests/fuzz/client.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct client client;
    bool is_http2 = size >= 4 && memcmp(bytes + 1, "PRI", 3) == 0;
    if (size < 2 || is_http2)
        return 0;
    client_live(&client, bytes[0], bytes + 1, size - 1);
    bool asks_head = memmem(bytes, size, "HEAD", 4) != NULL;
    (void)answers_check(client.answer, client.answer_bytes, asks_head);
    answers_check_log(client.log);
    loop_free(&client);
    return 0;
}
