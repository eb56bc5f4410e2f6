/*
 * For LD_PRELOAD: names that stand for addresses which this machine does not have, whatever machine
 * it is. "half.test" is one of them and 127.0.0.1, "half-last.test" the same from behind;
 * "nowhere.test" is two of them.
 */
#include <dlfcn.h>
#include <netdb.h>
#include <stddef.h>
#include <string.h>

typedef int resolver(const char *name, const char *service, const struct addrinfo *hints,
                     struct addrinfo **found);

static const struct {
    const char *name;
    const char *addresses[2];
} names[] = {
    {"half.test", {"2001:db8::1", "127.0.0.1"}},
    {"half-last.test", {"127.0.0.1", "2001:db8::1"}},
    {"nowhere.test", {"2001:db8::1", "192.0.2.1"}},
};

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): glibc names them __name */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **found)
{
    resolver *real = NULL;
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (name == NULL || strcmp(name, names[i].name) != 0)
            continue;
        int error = real(names[i].addresses[0], service, hints, found);
        return error != 0 ? error : real(names[i].addresses[1], service, hints, &(*found)->ai_next);
    }
    return real(name, service, hints, found);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
