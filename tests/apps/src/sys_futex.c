// SPDX-License-Identifier: GPL-2.0-only
/*
 * Futexes of one thread: what does not wait, times that run out, what is refused.
 */
#include <linux/futex.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "app.h"

static uint32_t word = 5;
static uint32_t other;

#define FUTEX(op, ...) \
	show("futex(" #op ", " #__VA_ARGS__ ")", syscall(SYS_futex, &word, op, __VA_ARGS__))

/* Every operation with every comparison, the first that there is not among them. */
static void show_wake_op(void)
{
	for (unsigned int op = 0; op <= FUTEX_OP_XOR + 1; op++) {
		for (unsigned int cmp = 0; cmp <= FUTEX_OP_CMP_GE + 1; cmp++) {
			long ret;

			other = 6;
			ret = syscall(SYS_futex, &word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1, &other,
				      FUTEX_OP(op, 3, cmp, 5));
			printf("operation %u, comparison %u, word %u: ", op, cmp, other);
			show("result", ret);
		}
	}
}

static void show_private(void)
{
	const struct timespec soon = { .tv_nsec = 10000000 };
	const struct timespec past = { .tv_sec = 1 };
	const struct timespec bad = { .tv_nsec = -1 };

	FUTEX(FUTEX_WAIT_PRIVATE, 4, NULL);
	FUTEX(FUTEX_WAIT_PRIVATE, 5, &soon);
	FUTEX(FUTEX_WAIT_PRIVATE, 5, &bad);
	FUTEX(FUTEX_WAIT, 5, &soon);
	FUTEX(FUTEX_WAKE_PRIVATE, 1);
	FUTEX(FUTEX_WAKE, INT32_MAX);
	FUTEX(FUTEX_WAIT_BITSET_PRIVATE, 5, &past, NULL, 1);
	FUTEX(FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 5, &past, NULL, 1);
	FUTEX(FUTEX_WAIT_BITSET_PRIVATE, 5, &soon, NULL, 0);
	FUTEX(FUTEX_WAKE_BITSET_PRIVATE, 1, NULL, NULL, 0);
	FUTEX(FUTEX_WAKE_BITSET_PRIVATE, 1, NULL, NULL, ~0U);
	FUTEX(FUTEX_REQUEUE_PRIVATE, 1, (void *)1, &other, 0);
	FUTEX(FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)1, &other, 5);
	FUTEX(FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)1, &other, 6);
	FUTEX(FUTEX_WAKE_OP_PRIVATE, 1, (void *)1, &other,
	      FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 0));
	SHOW(other);
	show_wake_op();
	FUTEX(77, 1);
	SHOW(syscall(SYS_futex, (char *)&word + 1, FUTEX_WAIT_PRIVATE, 5, NULL));
	SHOW(syscall(SYS_futex, (char *)&word + 1, FUTEX_WAKE_PRIVATE, 5));
	SHOW(syscall(SYS_futex, 0xffff800000000000, FUTEX_WAKE, 5));
}

static void show_pi(void)
{
	const uint32_t own = (uint32_t)gettid();

	word = 0;
	FUTEX(FUTEX_LOCK_PI_PRIVATE, 0, NULL);
	SHOW_TRUE(word == own);
	FUTEX(FUTEX_LOCK_PI_PRIVATE, 0, NULL);
	FUTEX(FUTEX_TRYLOCK_PI_PRIVATE, 0, NULL);
	FUTEX(FUTEX_UNLOCK_PI_PRIVATE, 0);
	SHOW(word);
	FUTEX(FUTEX_UNLOCK_PI_PRIVATE, 0);
	FUTEX(FUTEX_TRYLOCK_PI_PRIVATE, 0, NULL);
	SHOW_TRUE(word == own);
	word = 0x3fffffff;
	FUTEX(FUTEX_LOCK_PI_PRIVATE, 0, NULL);
	SHOW_TRUE(word == 0x3fffffff);
}

static void show_shared(void)
{
	const struct timespec soon = { .tv_nsec = 10000000 };
	uint32_t *constant;
	uint32_t *shared;

	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	constant = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(shared != MAP_FAILED && constant != MAP_FAILED);
	SHOW(syscall(SYS_futex, shared, FUTEX_WAIT, 0, &soon));
	SHOW(syscall(SYS_futex, shared, FUTEX_WAIT, 1, NULL));
	SHOW(syscall(SYS_futex, shared, FUTEX_WAKE, 1));
	SHOW(syscall(SYS_futex, constant, FUTEX_WAIT_PRIVATE, 0, &soon));
	SHOW(syscall(SYS_futex, constant, FUTEX_WAIT_PRIVATE, 1, &soon));
}

static void show_robust(void)
{
	struct robust_list_head head = { .list = { &head.list } };
	struct robust_list_head *got;
	size_t len;

	SHOW(syscall(SYS_set_robust_list, &head, sizeof(head)));
	SHOW(syscall(SYS_set_robust_list, &head, 7));
	SHOW(syscall(SYS_get_robust_list, 0, &got, &len));
	SHOW_TRUE(got == &head && len == sizeof(head));
	SHOW(syscall(SYS_get_robust_list, 0x3fffffff, &got, &len));
	SHOW_TRUE(syscall(SYS_set_tid_address, &word) == gettid());
}

int main(void)
{
	show_private();
	show_pi();
	show_shared();
	show_robust();
	return 0;
}
