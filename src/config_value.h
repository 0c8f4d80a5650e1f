/* SPDX-License-Identifier: Apache-2.0 */
/* The types of settings, written as in systemd's files; a part of config. */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include <stddef.h>
#include <stdint.h>

#define CONFIG_INFINITY UINT64_MAX

/* "10s", "1min 30s", "1.5h", "infinity"; a number alone is seconds. Returns 0 or -EINVAL. */
int config_time_parse(const char *text, uint64_t *ret_usec);

/* "4M", "512K", "1.5G", with base 1024; a number alone is bytes. Returns 0 or -EINVAL. */
int config_size_parse(const char *text, uint64_t *ret_bytes);

/* Decimal digits. Returns 0 or -EINVAL. */
int config_count_parse(const char *text, uint64_t *ret);

/* The other way, in the largest unit that needs no fraction; buf has size bytes. usec is not 0. */
void config_time_format(uint64_t usec, char *buf, size_t size);
void config_size_format(uint64_t bytes, char *buf, size_t size);

#endif
