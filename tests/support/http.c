#include "tests/support/http.h"

#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

struct buffer {
    char *bytes;
    size_t used;
};

struct transfer {
    CURL *easy;
    struct curl_slist *headers;
    struct buffer head;
    struct buffer body;
};

static size_t collect(char *bytes, size_t size, size_t count, void *context)
{
    struct buffer *buffer = context;
    buffer->bytes = realloc(buffer->bytes, buffer->used + size * count + 1);
    memcpy(buffer->bytes + buffer->used, bytes, size * count);
    buffer->used += size * count;
    buffer->bytes[buffer->used] = '\0';
    return size * count;
}

static void set_method(struct transfer *transfer, const struct ask *ask)
{
    if (ask->body != NULL) {
        (void)curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDSIZE_LARGE,
                               (curl_off_t)ask->body_bytes);
        (void)curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDS, ask->body);
    }
    if (ask->method != NULL)
        (void)curl_easy_setopt(transfer->easy, CURLOPT_CUSTOMREQUEST, ask->method);
    if (ask->method != NULL && strcmp(ask->method, "HEAD") == 0)
        (void)curl_easy_setopt(transfer->easy, CURLOPT_NOBODY, 1L);
}

static void set_protocol(CURL *easy, const struct ask *ask)
{
    long version = ask->tls_port > 0 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
    (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                           ask->http2 ? version : CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
}

static struct transfer make_transfer(const struct service *service, const char *path,
                                     const struct ask *ask)
{
    char url[32768];
    struct transfer transfer = {.easy = curl_easy_init()};
    assert_non_null(transfer.easy);
    transfer.head.bytes = calloc(1, 1);
    transfer.body.bytes = calloc(1, 1);
    if (ask->tls_port > 0)
        (void)snprintf(url, sizeof url, "https://127.0.0.1:%d%s", ask->tls_port, path);
    else
        (void)snprintf(url, sizeof url, "%s%s", service->base, path);
    set_protocol(transfer.easy, ask);
    (void)curl_easy_setopt(transfer.easy, CURLOPT_URL, url);
    (void)curl_easy_setopt(transfer.easy, CURLOPT_PATH_AS_IS, 1L);
    (void)curl_easy_setopt(transfer.easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(transfer.easy, CURLOPT_TIMEOUT_MS,
                           ask->timeout_ms > 0 ? ask->timeout_ms : 60000L);
    (void)curl_easy_setopt(transfer.easy, CURLOPT_WRITEFUNCTION, collect);
    (void)curl_easy_setopt(transfer.easy, CURLOPT_HEADERFUNCTION, collect);
    (void)curl_easy_setopt(transfer.easy, CURLOPT_HAPROXYPROTOCOL, (long)ask->proxy_header);
    (void)curl_easy_setopt(transfer.easy, CURLOPT_FRESH_CONNECT, (long)ask->fresh_connection);
    if (ask->unix_path != NULL)
        (void)curl_easy_setopt(transfer.easy, CURLOPT_UNIX_SOCKET_PATH, ask->unix_path);
    for (size_t i = 0; ask->headers != NULL && ask->headers[i] != NULL; i++)
        transfer.headers = curl_slist_append(transfer.headers, ask->headers[i]);
    (void)curl_easy_setopt(transfer.easy, CURLOPT_HTTPHEADER, transfer.headers);
    set_method(&transfer, ask);
    return transfer;
}

/* Only once the transfer has its final place in memory. */
static void aim(struct transfer *transfer)
{
    (void)curl_easy_setopt(transfer->easy, CURLOPT_WRITEDATA, &transfer->body);
    (void)curl_easy_setopt(transfer->easy, CURLOPT_HEADERDATA, &transfer->head);
}

static struct answer finish(struct transfer *transfer, CURLcode code, const struct ask *ask)
{
    struct answer answer = {.curl_code = (int)code,
                            .headers = transfer->head.bytes,
                            .body = transfer->body.bytes,
                            .body_bytes = transfer->body.used};
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &answer.status);
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_TOTAL_TIME, &answer.seconds);
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_VERSION, &answer.http_version);
    curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->headers);
    if (code != CURLE_OK && code != CURLE_OPERATION_TIMEDOUT && !ask->tolerates_failure)
        fail_msg("curl: %s", curl_easy_strerror(code));
    return answer;
}

struct answer http_ask(const struct service *service, const char *path, const struct ask *ask)
{
    struct transfer transfer = make_transfer(service, path, ask);
    aim(&transfer);
    return finish(&transfer, curl_easy_perform(transfer.easy), ask);
}

struct answer http_get(const struct service *service, const char *path)
{
    const struct ask plain = {0};
    return http_ask(service, path, &plain);
}

void answer_free(struct answer *answer)
{
    free(answer->headers);
    free(answer->body);
    *answer = (struct answer){0};
}

char *answer_header(const struct answer *answer, const char *name)
{
    size_t length = strlen(name);
    for (const char *line = answer->headers; *line != '\0';) {
        const char *end = strstr(line, "\r\n");
        if (end == NULL)
            return NULL;
        if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
            const char *value = line + length + 1 + strspn(line + length + 1, " ");
            return strndup(value, (size_t)(end - value));
        }
        line = end + 2;
    }
    return NULL;
}

json_t *answer_json(const struct answer *answer)
{
    json_error_t error;
    json_t *json = json_loadb(answer->body, answer->body_bytes, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL)
        fail_msg("not JSON (%s): %.200s", error.text, answer->body);
    return json;
}

static void run_all(CURLM *multi)
{
    int running = 1;
    while (running > 0) {
        assert_int_equal(curl_multi_perform(multi, &running), CURLM_OK);
        if (running > 0)
            assert_int_equal(curl_multi_poll(multi, NULL, 0, 1000, NULL), CURLM_OK);
    }
}

static void collect_answers(CURLM *multi, struct transfer *transfers, size_t count,
                            const struct ask *ask, struct answer *answers)
{
    int left = 0;
    for (CURLMsg *done; (done = curl_multi_info_read(multi, &left)) != NULL;) {
        size_t which = 0;
        while (which < count && transfers[which].easy != done->easy_handle)
            which++;
        assert_true(which < count);
        CURLcode code = done->data.result;
        (void)curl_multi_remove_handle(multi, transfers[which].easy);
        answers[which] = finish(&transfers[which], code, ask);
        transfers[which].easy = NULL;
    }
}

struct answer *http_each(const struct service *service, const char *const *paths,
                         const struct ask *ask, size_t count)
{
    CURLM *multi = curl_multi_init();
    struct transfer *transfers = calloc(count, sizeof *transfers);
    struct answer *answers = calloc(count, sizeof *answers);
    assert_true(multi != NULL && transfers != NULL && answers != NULL);
    (void)curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)count);
    for (size_t i = 0; i < count; i++) {
        transfers[i] = make_transfer(service, paths[i], ask);
        aim(&transfers[i]);
        (void)curl_multi_add_handle(multi, transfers[i].easy);
    }
    run_all(multi);
    collect_answers(multi, transfers, count, ask, answers);
    (void)curl_multi_cleanup(multi);
    free(transfers);
    return answers;
}

struct answer *http_many(const struct service *service, const char *path, const struct ask *ask,
                         size_t count)
{
    const char **paths = calloc(count, sizeof *paths);
    assert_non_null(paths);
    for (size_t i = 0; i < count; i++)
        paths[i] = path;
    struct answer *answers = http_each(service, paths, ask, count);
    free(paths);
    return answers;
}
