# The house set. -Wjump-misses-init (gcc) and -Wconditional-uninitialized (clang) catch a local that
# is used across an await. For who works on awaitd what either compiler can see is an error; who only
# builds it may have a compiler of next year.
option(AWAITD_WERROR "Warnings are errors" OFF)
set(AWAITD_WARNINGS
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
    -Wpointer-arith -Wwrite-strings -Wundef -Wvla -Wformat=2)
if(AWAITD_WERROR)
    list(APPEND AWAITD_WARNINGS -Werror)
endif()
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    list(APPEND AWAITD_WARNINGS -Wimplicit-fallthrough=5 -Wjump-misses-init -Wlogical-op
                                -Wduplicated-cond -Wduplicated-branches)
else()
    list(APPEND AWAITD_WARNINGS -Wimplicit-fallthrough -Wconditional-uninitialized
                                -Wno-gnu-zero-variadic-macro-arguments)
endif()
