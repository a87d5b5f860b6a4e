/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Put in front of the library's sources, and of the tests that call them: the
 * functions that the C library has too get names of their own, so that each can
 * be compared with the other.
 */
#ifndef UNIT_SHIM_RENAME_H
#define UNIT_SHIM_RENAME_H

#define memcpy lwk_memcpy
#define memmove lwk_memmove
#define memset lwk_memset
#define memcmp lwk_memcmp
#define strlen lwk_strlen
#define strnlen lwk_strnlen
#define strcmp lwk_strcmp
#define strncmp lwk_strncmp
#define strchr lwk_strchr
#define vsnprintf lwk_vsnprintf
#define snprintf lwk_snprintf

#endif
