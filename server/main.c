#include "config/load.h"
#include "server/healthcheck.h"
#include "server/server.h"
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Where a standard descriptor is closed, the next socket would get its number, and the log would go
   to a client. open() takes the lowest number that is free. */
static void open_standard_descriptors(void)
{
    int fd = 0;
    while (fd >= 0 && fd <= STDERR_FILENO)
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    (void)close(fd);
}

int main(int argc, char **argv)
{
    (void)argc;
    struct config config = {0};
    int status = 0;
    open_standard_descriptors();
    switch (config_load(&config, argv, environ, stdout, stderr)) {
    case CONFIG_SERVE:
        status = server_run(&config);
        break;
    case CONFIG_HEALTHCHECK:
        status = health_check(&config);
        break;
    case CONFIG_CHECKED:
        status = tls_check(&config) ? 0 : 2;
        break;
    case CONFIG_DONE:
        break;
    case CONFIG_WRONG:
        status = 2;
        break;
    }
    config_free(&config);
    return status;
}
