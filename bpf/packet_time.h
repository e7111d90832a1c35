/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Times of packet files as nanoseconds since 1970, in numbers of 64 bits.
 */
#ifndef INSPECTOR_PACKET_TIME_H
#define INSPECTOR_PACKET_TIME_H

#include <linux/types.h>
#include <stdbool.h>

#define NS_PER_SECOND 1000000000ULL
#define LARGEST_EXPONENT 19 /* 10^20 is more than 64 bits hold */

/* What the two words of a time are. */
enum time_form {
	TIME_SECONDS, /* seconds, and parts of a second: 10^-exponent */
	TIME_DECIMAL, /* one number of 64 bits, in units of 10^-exponent seconds */
	TIME_BINARY,  /* the same, in units of 2^-exponent seconds */
};

/* The greatest time of a TIMESTAMP_NS, whose next is infinity to DuckDB; the least is its opposite. */
#define LARGEST_TIME 0x7ffffffffffffffeLL
/* There is room for what a file may say to be a part of a second, and is not: up to 2^32 microseconds. */
#define LARGEST_SECONDS (LARGEST_TIME / (__s64)NS_PER_SECOND - 4295)

/* Whole seconds and nanoseconds of the rest. */
struct instant {
	__u64 seconds;
	__u64 nanoseconds;
};

static inline __u64 power_of_ten(__u32 exponent)
{
	__u64 power = 1;

	while (exponent--)
		power *= 10;
	return power;
}

/* `part` of a second in units of 10^-exponent, `part` below a second unless a file lies. */
static inline __u64 decimal_part(__u64 part, __u32 exponent)
{
	return exponent <= 9 ? part * power_of_ten(9 - exponent) :
			       part / power_of_ten(exponent - 9);
}

static inline struct instant decimal_instant(__u64 units, __u32 exponent)
{
	__u64 second;

	if (exponent > LARGEST_EXPONENT)
		return (struct instant){ .nanoseconds = 0 }; /* less than two seconds in all */
	second = power_of_ten(exponent);
	return (struct instant){
		.seconds = units / second,
		.nanoseconds = decimal_part(units % second, exponent),
	};
}

static inline struct instant binary_instant(__u64 units, __u32 exponent)
{
	__u64 part;

	if (exponent >= 64)
		return (struct instant){ .nanoseconds = 0 }; /* less than a second in all */
	part = exponent ? units << (64 - exponent) : 0;
	return (struct instant){
		.seconds = units >> exponent,
		/* Of the part, in units of 2^-64 seconds, the upper half: a quarter of a nanosecond. */
		.nanoseconds = (part >> 32) * NS_PER_SECOND >> 32,
	};
}

/* Returns false if the time is beyond what *result can hold, which then is the nearest. */
static inline bool packet_time(__u32 high, __u32 low, enum time_form form, __u32 exponent,
			       __s64 offset, __s64 *result)
{
	const __u64 units = (__u64)high << 32 | low;
	struct instant instant;
	__s64 seconds;

	if (form == TIME_SECONDS)
		instant = (struct instant){ high, decimal_part(low, exponent) };
	else if (form == TIME_DECIMAL)
		instant = decimal_instant(units, exponent);
	else
		instant = binary_instant(units, exponent);

	*result = LARGEST_TIME;
	/* An offset below 0 cannot be too low for a time of 0 or more. */
	if (instant.seconds > LARGEST_TIME ||
	    __builtin_add_overflow((__s64)instant.seconds, offset, &seconds) ||
	    seconds > LARGEST_SECONDS)
		return false;
	if (seconds < -LARGEST_SECONDS) {
		*result = -LARGEST_TIME;
		return false;
	}
	*result = seconds * (__s64)NS_PER_SECOND + (__s64)instant.nanoseconds;
	return true;
}

#endif
