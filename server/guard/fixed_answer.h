/*
 * Whole HTTP/1.1 answers as constant bytes, for what libh2o has no request for: it cannot send
 * them, and nothing of them depends on the client. The connection ends with each.
 */
#pragma once

#define FIXED_DOCUMENT(status, title, detail)                                                      \
    "{\"type\": \"about:blank\", \"title\": \"" title "\", \"status\": " status                    \
    ", \"detail\": \"" detail "\"}\n"

/* All are literals. `length` is FIXED_DOCUMENT()'s in digits, which a _Static_assert has to check.
 */
#define FIXED_ANSWER(status, title, length, detail)                                                \
    "HTTP/1.1 " status " " title "\r\n"                                                            \
    "Connection: close\r\n"                                                                        \
    "Content-Type: application/problem+json\r\n"                                                   \
    "Cache-Control: no-store\r\n"                                                                  \
    "Content-Length: " length "\r\n\r\n" FIXED_DOCUMENT(status, title, detail)
