/* SPDX-License-Identifier: GPL-2.0-only */
/* Undoes rename.h, once the library's headers have been read under it. */
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strchr
#undef vsnprintf
#undef snprintf
