/* SPDX-License-Identifier: Apache-2.0 */
/* The three macros that let a constructor end early without leaking. */
#ifndef VFMON_CLEANUP_H
#define VFMON_CLEANUP_H

/* The variable is handed to fn (by address) when its scope ends. */
#define cleanup_(fn) __attribute__((cleanup(fn)))

/* Makes free_fn, which takes a value of type (a pointer), usable with cleanup_() as free_fn##p. */
#define DEFINE_CLEANUP(type, free_fn)                                                              \
	static inline void free_fn##p(type *p)                                                     \
	{                                                                                          \
		if (*p)                                                                            \
			free_fn(*p);                                                               \
	}                                                                                          \
	struct vfmon_cleanup_needs_a_semicolon

/* Gives the pointer away: yields its value and leaves NULL behind. */
#define TAKE_PTR(p)                                                                                \
	({                                                                                         \
		__auto_type take_ptr_value_ = (p);                                                 \
		(p) = NULL;                                                                        \
		take_ptr_value_;                                                                   \
	})

#endif
