// SPDX-License-Identifier: GPL-2.0-only
/*
 * Small arguments: abi/small.def.
 */
#include "user/mcexec/small.h"

#include <sys/syscall.h>

#define MAX_BUFFERS 2

/* 1 + the argument that says how much room there is; there may be less where the data comes. */
static const u8 room_args[][MAX_BUFFERS] = {
#define SMALL_PATH(arg) 0
#define SMALL_IN(arg, bytes) 0
#define SMALL_IN_LEN(arg, n) 0
#define SMALL_OUT(arg, bytes) 0
#define SMALL_OUT_LEN(arg, n) 0
#define SMALL_ROOM(arg, n) (1 + (n))
#define SMALL_CALL(name, ...) [SYS_##name] = { __VA_ARGS__ },
#include "abi/small.def"
};

#define NROOMS (sizeof(room_args) / sizeof(room_args[0]))

static void cut_room(u64 nr, u64 args[6])
{
	for (int i = 0; nr < NROOMS && i < MAX_BUFFERS; i++) {
		int arg = room_args[nr][i];

		if (arg && args[arg - 1] > OFFLOAD_SMALL_ROOM)
			args[arg - 1] = OFFLOAD_SMALL_ROOM;
	}
}

void small_arguments(const struct mcctrl_wait *wait, u8 *data, u64 args[6])
{
	_Bool written = offload_small(wait->small, OFFLOAD_SMALL_ALL) >
		       offload_small(wait->small, OFFLOAD_SMALL_IN);

	for (int i = 0; i < 6; i++) {
		const u8 *here = small_find(wait, data, i);

		if (here)
			args[i] = (u64)here;
	}
	if (written)
		cut_room(wait->nr, args);
}
