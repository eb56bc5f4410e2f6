/*
 * What a test may expect of the build that it runs in: sanitizers cost a factor of ten and more.
 */
#pragma once

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED 0
#endif

/* Whether the speeds that awaitd promises hold for this build: they are promised for optimised
 * ones. */
#ifdef __OPTIMIZE__
#define KEEPS_SPEED (!IS_SANITIZED)
#else
#define KEEPS_SPEED 0
#endif

/* How often to do something: as often as is convincing, or as often as the sanitizers leave time
 * for. */
#define TIMES(native, sanitized) (IS_SANITIZED ? (sanitized) : (native))
