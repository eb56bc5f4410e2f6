#include "server/base/status.h"

static const struct {
    int status;
    const char *text;
    const char *reason;
} statuses[STATUSES] = {
    {200, "200", "OK"},
    {204, "204", "No Content"},
    {304, "304", "Not Modified"},
    {400, "400", "Bad Request"},
    {404, "404", "Not Found"},
    {405, "405", "Method Not Allowed"},
    {406, "406", "Not Acceptable"},
    {408, "408", "Request Timeout"},
    {413, "413", "Content Too Large"},
    {414, "414", "URI Too Long"},
    {415, "415", "Unsupported Media Type"},
    {417, "417", "Expectation Failed"},
    {431, "431", "Request Header Fields Too Large"},
    {499, "499", "Client Closed Request"},
    {503, "503", "Service Unavailable"},
};

int status_index(int status)
{
    int index = 0;
    while (index < STATUSES && statuses[index].status != status)
        index++;
    return index;
}

const char *status_reason(int status)
{
    int index = status_index(status);
    return index < STATUSES ? statuses[index].reason : "Error";
}

const char *status_text(int index)
{
    return index < STATUSES ? statuses[index].text : "other";
}
