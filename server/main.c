#include "config/config.h"
#include "server/health.h"
#include "server/server.h"
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    (void)argc;
    struct config config = {0};
    int status = 0;
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
