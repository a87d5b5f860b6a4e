// SPDX-License-Identifier: GPL-2.0-only
/*
 * Spare twins.
 *
 * A thread counts from before it is made until it is taken or told to end. Who wants no thread but
 * the program's has no more made, then asks mcctrl until nobody counts: one that has just been made
 * may not have come there yet. mcctrl waits for those who have.
 *
 * The counts are the process's that has them: one with the same memory (CLONE_VM) has no spares.
 */
#include "spare.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "abi/mcctrl_ioctl.h"
#include "user/mcexec/kept.h"
#include "user/mcexec/signals.h"
#include "user/mcexec/thread.h"

#define STACK_LEN (256 << 10)

/* How often is looked whether one that is being made has come to mcctrl. */
#define AWAIT_US 50

static unsigned int most;
static unsigned int number; /* there are, or are being made */
static unsigned int closed; /* by so many threads: no more are made */
static struct kept *owner;

void spare_forget(void)
{
	number = 0;
	closed = 0;
	owner = kept_of_process();
}

void spare_setup(unsigned int count)
{
	most = count;
	spare_forget();
}

static bool is_owner(void)
{
	return most && kept_of_process() == owner;
}

static void release(void)
{
	__atomic_sub_fetch(&number, 1, __ATOMIC_SEQ_CST);
}

/*
 * Return: whether one may be made. Counted first, and in order with spare_close(): one of the two
 * sees the other.
 */
static bool reserve(void)
{
	unsigned int now = __atomic_load_n(&number, __ATOMIC_RELAXED);

	do {
		if (now >= most)
			return false;
	} while (!__atomic_compare_exchange_n(&number, &now, now + 1, false, __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	if (!__atomic_load_n(&closed, __ATOMIC_SEQ_CST))
		return true;
	release();
	return false;
}

static void *spare_main(void *arg)
{
	struct twin_setup *setup = arg;
	s64 err;

	/* The C library has let one through. */
	signals_set_mask(~0ULL);
	kept_use(owner);
	spare_refill(setup);
	do {
		err = twin_raw_syscall(SYS_ioctl, setup->proxy, MCCTRL_IOC_SPARE_TWIN, 0, 0);
	} while (err == -EINTR);
	release();
	if (err)
		return NULL;
	spare_refill(setup);
	twin_run(setup);
	return NULL;
}

void spare_refill(struct twin_setup *setup)
{
	if (!is_owner() || !reserve())
		return;
	if (thread_spawn(spare_main, setup, STACK_LEN))
		release();
}

bool spare_close(const struct twin_setup *setup)
{
	bool any;
	s64 err;

	if (!is_owner())
		return false;
	__atomic_add_fetch(&closed, 1, __ATOMIC_SEQ_CST);
	any = __atomic_load_n(&number, __ATOMIC_SEQ_CST);
	for (;;) {
		err = twin_raw_syscall(SYS_ioctl, setup->proxy, MCCTRL_IOC_DROP_SPARES, 0, 0);
		if (err != -EINTR && !__atomic_load_n(&number, __ATOMIC_SEQ_CST))
			return any;
		/* Not by sched_yield(): one that is being made may have less priority. */
		usleep(AWAIT_US);
	}
}

void spare_open(void)
{
	if (is_owner())
		__atomic_sub_fetch(&closed, 1, __ATOMIC_SEQ_CST);
}

s64 spare_make_room(const struct twin_setup *setup, s64 (*make)(void *arg), void *arg)
{
	s64 ret = make(arg);

	/* A spare may have the id that the program has chosen. */
	if (ret != -EAGAIN && ret != -EEXIST)
		return ret;
	if (spare_close(setup))
		ret = make(arg);
	spare_open();
	return ret;
}
