// SPDX-License-Identifier: GPL-2.0-only
/*
 * Small arguments of system calls that Linux makes for a program: abi/small.def.
 *
 * A buffer that Linux reaches in the program's memory costs nothing extra when the proxy has its
 * page, but much the first time: a page fault there, a message, page tables, and their end with the
 * proxy. A program that makes few calls had better have them in the slot, one that makes many has
 * the pages mapped at last. So a thread's first calls use the slot.
 *
 * Nothing is decided here that Linux decides: what is not at hand, or cannot be written, is left to
 * it, as it comes.
 */
#include "lwk/sys/small.h"

#include "abi/errno.h"
#include "abi/offload.h"
#include "lwk/include/arch.h"
#include "lwk/include/config.h"
#include "lwk/include/mm/direct_map.h"
#include "lwk/include/mm/vm.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/uaccess.h"
#include "lwk/lib/string.h"

/* Direct input and output look at lengths and addresses by blocks of so many bytes. */
#define BLOCK 512

/* readlink(2) takes the room for an int: beyond that it has less of it, or refuses it. */
#define MAX_INT 0x7fffffffULL

enum kind {
	KIND_NONE,
	KIND_PATH,
	KIND_IN,
	KIND_IN_LEN,
	KIND_OUT,
	KIND_OUT_LEN,
	KIND_ROOM,
};

/* @len: bytes, or the argument that says how many */
struct buffer {
	u8 kind;
	u8 arg;
	u16 len;
};

static const struct buffer table[SYSCALL_COUNT][SMALL_MAX] = {
#define SMALL_PATH(arg) { KIND_PATH, arg, 0 }
#define SMALL_IN(arg, bytes) { KIND_IN, arg, bytes }
#define SMALL_IN_LEN(arg, n) { KIND_IN_LEN, arg, n }
#define SMALL_OUT(arg, bytes) { KIND_OUT, arg, bytes }
#define SMALL_OUT_LEN(arg, n) { KIND_OUT_LEN, arg, n }
#define SMALL_ROOM(arg, n) { KIND_ROOM, arg, n }
#define SMALL_CALL(name, ...) [SYSCALL_##name] = { __VA_ARGS__ },
#include "abi/small.def"
};

const bool small_calls[SYSCALL_COUNT] = {
#define SMALL_PATH(arg)
#define SMALL_IN(arg, bytes)
#define SMALL_IN_LEN(arg, n)
#define SMALL_OUT(arg, bytes)
#define SMALL_OUT_LEN(arg, n)
#define SMALL_ROOM(arg, n)
#define SMALL_CALL(name, ...) [SYSCALL_##name] = true,
#include "abi/small.def"
};

static u64 peek(void *dst, vaddr_t src, u64 len)
{
	u64 irq = arch_irq_save();
	int err = user_peek(dst, src, len);

	arch_irq_restore(irq);
	return err ? 0 : len;
}

/* Return: bytes with the NUL; 0: it is long, or not at hand, or goes on in another page. */
static u64 peek_path(char *dst, vaddr_t src, u64 room)
{
	u64 len = MIN(room, (u64)OFFLOAD_SMALL_ROOM);
	u64 found;

	len = MIN(len, PAGE_LEN - src % PAGE_LEN);
	if (!peek(dst, src, len))
		return 0;
	found = strnlen(dst, len);
	return found < len ? found + 1 : 0;
}

static int is_foreign(const struct vm_range *range, void *ctx)
{
	(void)ctx;
	return !!range->ops;
}

/*
 * The program's memory stays as it is, whoever writes there meanwhile. Anonymous pages that are not
 * there yet are made; those of files would be changed ones afterwards.
 */
static bool may_write_page(vaddr_t addr)
{
	vaddr_t word = addr & ~(vaddr_t)(sizeof(u32) - 1);
	u64 irq = arch_irq_save();
	u32 value = 0;
	int err = user_try_cmpxchg_u32(word, &value, 0);

	arch_irq_restore(irq);
	if (!err)
		return true;
	if (vm_for_each_in(task_current()->process->vm, word, word + 1, is_foreign, NULL))
		return false;
	return !user_cmpxchg_u32(word, &value, 0);
}

static bool may_write(vaddr_t addr, u64 len)
{
	vaddr_t last = addr + len - 1;

	return may_write_page(addr) &&
	       (addr / PAGE_LEN == last / PAGE_LEN || may_write_page(last));
}

static void mark_byte(struct small *small, u32 i, u64 value)
{
	small->mark |= value << 8 * i;
}

/* @len bytes more are in use, for this argument. */
static void take(struct small *small, const struct buffer *buffer, u64 len)
{
	mark_byte(small, buffer->arg, 1 + small->used / OFFLOAD_DATA_UNIT);
	small->used += ALIGN_UP(len, (u64)OFFLOAD_DATA_UNIT);
}

/* Return: its bytes; 0: it is not to travel. */
static u64 length(const struct buffer *buffer, const u64 args[6])
{
	u64 len = buffer->len;

	switch (buffer->kind) {
	case KIND_IN_LEN:
	case KIND_OUT_LEN:
		len = args[buffer->len];
		return len % BLOCK ? len : 0;
	case KIND_ROOM:
		len = args[buffer->len];
		return len <= MAX_INT ? MIN(len, (u64)OFFLOAD_SMALL_ROOM) : 0;
	default:
		return len;
	}
}

static void pack_in(struct small *small, const struct buffer *buffer, const u64 args[6])
{
	u8 *data = task_current()->slot->data + small->used;
	u64 room = OFFLOAD_DATA_LEN - small->used;
	vaddr_t from = args[buffer->arg];
	u64 len = length(buffer, args);

	if (!from || len > room)
		return;
	if (buffer->kind == KIND_PATH)
		len = peek_path((char *)data, from, room);
	else if (len)
		len = peek(data, from, len);
	if (len)
		take(small, buffer, len);
}

static void pack_out(struct small *small, const struct buffer *buffer, const u64 args[6])
{
	u64 room = OFFLOAD_DATA_LEN - small->used;
	vaddr_t to = args[buffer->arg];
	u64 len = length(buffer, args);

	if (!to || !len || len > room || !may_write(to, len))
		return;
	if (buffer->kind == KIND_ROOM && len < args[buffer->len]) {
		small->cut = (u32)len;
		small->args[buffer->len] = len;
	}
	small->outs[small->nouts++] = (struct small_out){
		.to = to,
		.at = (u16)small->used,
		.len = (u16)len,
		.counted = buffer->kind != KIND_OUT,
	};
	take(small, buffer, len);
}

static bool is_in(const struct buffer *buffer)
{
	return buffer->kind <= KIND_IN_LEN;
}

static void pack(struct small *small, const struct buffer *buffers, const u64 args[6])
{
	u32 i;

	for (i = 0; i < SMALL_MAX && buffers[i].kind != KIND_NONE && is_in(&buffers[i]); i++)
		pack_in(small, &buffers[i], args);
	mark_byte(small, OFFLOAD_SMALL_IN, small->used / OFFLOAD_DATA_UNIT);
	for (; i < SMALL_MAX && buffers[i].kind != KIND_NONE; i++)
		pack_out(small, &buffers[i], args);
	mark_byte(small, OFFLOAD_SMALL_ALL, small->used / OFFLOAD_DATA_UNIT);
}

void small_pack(u64 nr, const u64 args[6], struct small *small)
{
	small->mark = 0;
	small->used = 0;
	small->cut = 0;
	small->nouts = 0;
	memcpy(small->args, args, sizeof(small->args));
	pack(small, table[nr], args);
	/* Even if nothing travels: to find that out costs, too. */
	task_current()->small_calls++;
}

bool small_is_short(const struct small *small, s64 ret)
{
	return small->cut && (ret == -ERANGE || ret == (s64)small->cut);
}

s64 small_unpack(const struct small *small, s64 ret)
{
	const u8 *data = task_current()->slot->data;

	for (u32 i = 0; ret >= 0 && i < small->nouts; i++) {
		const struct small_out *out = &small->outs[i];
		u64 len = out->counted ? MIN((u64)ret, (u64)out->len) : out->len;

		if (len && copy_to_user(out->to, data + out->at, len))
			ret = -EFAULT;
	}
	return ret;
}
