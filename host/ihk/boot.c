// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starting and stopping an LWK (docs/boot.md).
 *
 * All sequences run in process context with os->lock held, so there is one at a
 * time for an instance. What the LWK says in the boot block is a hint to act
 * on, never a promise: each wait has a time-out, and a CPU counts as stopped
 * only when its park slot says so.
 *
 * live_lock protects changes of the live list; readers use RCU.
 */
#define pr_fmt(fmt) "ihk: boot: " fmt

#include "boot.h"

#include <linux/ctype.h>
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "abi/layout.h"
#include "apic.h"
#include "doorbell.h"
#include "ikc_link.h"
#include "park.h"

/* Generous: an emulated CPU may get no time for seconds. */
#define STOP_TIMEOUT (10 * HZ)
#define HALT_TIMEOUT (5 * HZ)
/* A boot that fails early rings no bell. */
#define LOOK_INTERVAL max(HZ / 100, 1)
#define PARK_PAUSE_MIN_US 50U
#define PARK_PAUSE_MAX_US 10000U

static unsigned int boot_timeout_s = 60;
module_param(boot_timeout_s, uint, 0644);
MODULE_PARM_DESC(boot_timeout_s, "seconds that an LWK may take to come up");

LIST_HEAD(ihk_live_boots);
DEFINE_SRCU(ihk_boot_srcu);
static DEFINE_SPINLOCK(live_lock);

void ihk_boot_ring(const struct ihk_boot *boot, u32 lwk_cpu)
{
	ihk_apic_send_vector(boot->watch[lwk_cpu].cpu->apic_id, LWK_VEC_IKC);
}

static u32 boot_status(const struct ihk_boot *boot)
{
	/* Acquire: pairs with the LWK's release store; @reason is written before. */
	return smp_load_acquire(&boot->block->status);
}

static void command_set(struct ihk_boot *boot, u32 command)
{
	/* Release: pairs with the acquire load in the LWK's doorbell and NMI handlers. */
	smp_store_release(&boot->block->command, command);
}

void ihk_boot_command(struct ihk_boot *boot, u32 command)
{
	u32 i;

	command_set(boot, command);
	for (i = 0; i < boot->ncpus; i++)
		ihk_boot_ring(boot, i);
}

/* The LWK's text goes to logs and terminals: nothing but printable characters. */
static void reason_copy(const struct ihk_boot *boot, char *out)
{
	char *c;

	memcpy(out, boot->block->reason, IHK_REASON_LEN);
	out[IHK_REASON_LEN - 1] = '\0';
	for (c = out; *c; c++)
		if (!isascii(*c) || !isprint(*c))
			*c = '?';
}

/* The end of the LWK, however noticed: once a boot, and never while it still boots. */
static void boot_died(struct ihk_boot *boot, const char *reason)
{
	if (READ_ONCE(boot->os->status) == IHK_STATUS_BOOTING)
		return;
	if (test_and_set_bit(0, &boot->panicked))
		return;
	if (ihk_os_set_status(boot->os, IHK_STATUS_PANIC, reason))
		schedule_work(&boot->panic_work);
}

/* Apart from the hot path, which need not clear a buffer for the reason. */
static noinline void boot_ended(struct ihk_boot *boot, u32 status)
{
	char reason[IHK_REASON_LEN];

	if (status == BOOT_STATUS_PANIC) {
		reason_copy(boot, reason);
		boot_died(boot, reason);
	} else if (status == BOOT_STATUS_STOPPED &&
		   READ_ONCE(boot->os->status) != IHK_STATUS_SHUTDOWN) {
		boot_died(boot, "stopped without being told to");
	}
}

void ihk_boot_look(struct ihk_boot *boot)
{
	u32 status = boot_status(boot);

	if (wq_has_sleeper(&boot->wait))
		wake_up(&boot->wait);
	if (unlikely(status > BOOT_STATUS_RUNNING))
		boot_ended(boot, status);
}

void ihk_boot_broken(struct ihk_boot *boot, const char *reason)
{
	boot_died(boot, reason);
}

void ihk_boot_bell(struct ihk_boot *boot, unsigned int linux_cpu)
{
	ihk_boot_look(boot);
	ihk_kmsg_bell(boot);
	ikc_link_drain(boot->link, linux_cpu);
}

/*
 * Stop
 */

static bool all_parked(const struct ihk_boot *boot)
{
	u32 i;

	for (i = 0; i < boot->ncpus; i++)
		if (!ihk_park_is_parked(boot->watch[i].cpu))
			return false;
	return true;
}

/* A CPU parks within microseconds or not for long, so the pauses grow. */
static bool wait_parked(struct ihk_boot *boot, unsigned long timeout)
{
	unsigned long deadline = jiffies + timeout;
	unsigned int pause_us = PARK_PAUSE_MIN_US;

	while (!all_parked(boot) && time_before(jiffies, deadline)) {
		usleep_range(pause_us, 2 * pause_us);
		pause_us = min(2 * pause_us, PARK_PAUSE_MAX_US);
	}
	return all_parked(boot);
}

/* First rung: the LWK parks its CPUs in good order. */
static bool stop_by_command(struct ihk_boot *boot)
{
	ihk_boot_command(boot, BOOT_COMMAND_STOP);
	if (!wait_parked(boot, STOP_TIMEOUT)) {
		pr_warn("mcos%d does not stop by itself\n", boot->os->index);
		return false;
	}
	if (boot_status(boot) != BOOT_STATUS_STOPPED)
		pr_warn("mcos%d parked its CPUs with boot status %u\n", boot->os->index,
			boot_status(boot));
	return true;
}

/* Second rung: also out of a handler, or a loop with interrupts off. */
static bool stop_by_nmi(struct ihk_boot *boot)
{
	u32 i;

	command_set(boot, BOOT_COMMAND_HALT);
	for (i = 0; i < boot->ncpus; i++) {
		struct ihk_cpu *cpu = boot->watch[i].cpu;

		ihk_park_withdraw(cpu);
		if (!ihk_park_is_parked(cpu))
			ihk_apic_send_nmi(cpu->apic_id);
	}
	return wait_parked(boot, HALT_TIMEOUT);
}

/* Last rung: whatever the CPU does, it starts anew in the park page. */
static int stop_by_init(struct ihk_boot *boot)
{
	int result = 0;
	u32 i;

	for (i = 0; i < boot->ncpus; i++) {
		struct ihk_cpu *cpu = boot->watch[i].cpu;

		if (ihk_park_is_parked(cpu))
			continue;
		pr_warn("mcos%d: CPU %u is stopped by INIT\n", boot->os->index, cpu->linux_cpu);
		if (ihk_park_recover(cpu))
			result = ihk_report(-EIO, "CPU %u could not be stopped; release it", cpu->linux_cpu);
	}
	return result;
}

/* On return no CPU runs the LWK any more. */
static int cpus_stop(struct ihk_boot *boot, bool ask)
{
	int err = 0;

	mutex_lock(&boot->stop_lock);
	if (!(ask && stop_by_command(boot)) && !stop_by_nmi(boot))
		err = stop_by_init(boot);
	mutex_unlock(&boot->stop_lock);
	return err;
}

/*
 * The owners of channels take their end for the promise that the LWK touches nothing any
 * more, what Linux lent it in particular. A panic alone does not give that.
 */
static void panic_work(struct work_struct *work)
{
	struct ihk_boot *boot = container_of(work, struct ihk_boot, panic_work);

	cpus_stop(boot, false);
	ikc_link_down(boot->link);
}

/*
 * Preparation
 */

static int boot_check(const struct ihk_os *os)
{
	u32 i;

	if (os->status != IHK_STATUS_INACTIVE)
		return ihk_report(-EBUSY, "OS %d cannot boot: it is %s", os->index,
				  ihk_status_name(os->status));
	if (!os->image)
		return ihk_report(-EINVAL, "OS %d cannot boot: no image is loaded", os->index);
	if (!os->ncpus)
		return ihk_report(-EINVAL, "OS %d cannot boot: no CPU is assigned", os->index);
	if (!os->nchunks)
		return ihk_report(-EINVAL, "OS %d cannot boot: no memory is assigned", os->index);
	if (os->mem < IHK_OS_MIN_MEM)
		return ihk_report(-EINVAL, "OS %d cannot boot: %llu KiB of memory are assigned, %llu needed",
				  os->index, os->mem >> 10, IHK_OS_MIN_MEM >> 10);
	if (os->nchunks > IHK_MAX_CHUNKS)
		return ihk_report(-EINVAL, "OS %d cannot boot: its memory is in %u pieces, at most %u are supported",
				  os->index, os->nchunks, IHK_MAX_CHUNKS);
	for (i = 0; i < os->ncpus; i++)
		if (!ihk_park_is_parked(os->cpus[i]))
			return ihk_report(-EBUSY, "OS %d cannot boot: CPU %u was lost; release it and reserve it again",
					  os->index, os->cpus[i]->linux_cpu);
	return 0;
}

static void boot_destroy(struct ihk_boot *boot)
{
	kfree(boot->watch);
	kfree(boot);
}

static int boot_prepare(struct ihk_boot *boot)
{
	struct ihk_os *os = boot->os;
	u32 i;
	int err;

	boot->watch = kcalloc(os->ncpus, sizeof(*boot->watch), GFP_KERNEL);
	if (!boot->watch)
		return ihk_report(-ENOMEM, "Cannot allocate the state of %u CPUs", os->ncpus);
	for (i = 0; i < os->ncpus; i++) {
		boot->watch[i].cpu = os->cpus[i];
		boot->watch[i].linux_cpu = os->cpus[i]->linux_cpu;
		boot->watch[i].linux_node = os->cpus[i]->node;
		boot->watch[i].server = os->cpus[i]->ikc_linux_cpu;
	}
	err = ihk_image_parse(os->image, os->image_len, &boot->image);
	if (err)
		return err;
	err = ihk_bootblock_layout(boot);
	if (err)
		return err;
	err = ihk_bootpt_build(boot);
	if (err)
		return err;
	ihk_image_load(boot, os->image);
	ihk_bootblock_fill(boot);
	return 0;
}

/* A server that went offline since it was chosen is replaced by CPU 0, which stays. */
static int bell_get(struct boot_watch *watch)
{
	int err = ihk_doorbell_get(watch->server);

	if (err != -EINVAL)
		return err;
	watch->server = 0;
	return ihk_doorbell_get(0);
}

static int bells_get(struct ihk_boot *boot)
{
	u32 i;
	int err;

	for (i = 0; i < boot->ncpus; i++) {
		err = bell_get(&boot->watch[i]);
		if (err)
			goto put;
	}
	return 0;
put:
	while (i--)
		ihk_doorbell_put(boot->watch[i].server);
	return err;
}

static void bells_put(struct ihk_boot *boot)
{
	u32 i;

	for (i = 0; i < boot->ncpus; i++)
		ihk_doorbell_put(boot->watch[i].server);
}

static int boot_create(struct ihk_os *os, struct ihk_boot **out)
{
	struct ihk_boot *boot;
	int err;

	boot = kzalloc(sizeof(*boot), GFP_KERNEL);
	if (!boot)
		return ihk_report(-ENOMEM, "Cannot allocate the state of a boot");
	boot->os = os;
	init_waitqueue_head(&boot->wait);
	mutex_init(&boot->stop_lock);
	INIT_WORK(&boot->panic_work, panic_work);
	err = boot_prepare(boot);
	if (err)
		goto destroy;
	err = ikc_link_create(boot);
	if (err)
		goto destroy;
	err = bells_get(boot);
	if (err)
		goto unlink;
	*out = boot;
	return 0;
unlink:
	ikc_link_down(boot->link);
	ikc_link_put(boot->link);
destroy:
	boot_destroy(boot);
	return err;
}

/*
 * Start
 */

static void live_add(struct ihk_boot *boot)
{
	spin_lock(&live_lock);
	list_add_rcu(&boot->live, &ihk_live_boots);
	spin_unlock(&live_lock);
	/* After the list: a move of the interrupt before this is seen here, one later there. */
	ihk_doorbell_publish(boot);
	ihk_monitor_start();
}

/* On return no handler reaches @boot any more. */
static void live_del(struct ihk_boot *boot)
{
	struct ikc_link *link = boot->link;

	spin_lock(&live_lock);
	list_del_rcu(&boot->live);
	spin_unlock(&live_lock);
	synchronize_rcu();
	cancel_work_sync(&boot->panic_work);
	/* Again: a handler that was under way may have queued its work. */
	ikc_link_down(link);
	bells_put(boot);
	/* Before the reference goes: who finds it has a grace period to take one. */
	WRITE_ONCE(boot->link, NULL);
	ikc_link_put(link);
}

static int first_cpu_start(struct ihk_boot *boot)
{
	struct ihk_cpu *cpu = boot->watch[0].cpu;
	const struct park_order order = {
		.cr3 = boot->cr3,
		.entry = boot->image.entry,
		/* Its slot's, which is mapped alike everywhere. */
		.stack = PARK_SLOT_VA((u64)cpu->linux_cpu) + PARK_SLOT_LEN,
		.arg = LWK_DIRECT_VA + boot->layout.block.start,
	};

	return ihk_park_order(cpu, &order);
}

static bool boot_settled(const struct ihk_boot *boot)
{
	return boot_status(boot) >= BOOT_STATUS_RUNNING;
}

/* Sleeps until the LWK says RUNNING, panics or time is up. */
static int boot_wait(struct ihk_boot *boot)
{
	unsigned int limit_s = READ_ONCE(boot_timeout_s);
	unsigned long deadline = jiffies + (unsigned long)limit_s * HZ;
	char reason[IHK_REASON_LEN];
	u32 status;

	while (!boot_settled(boot) && time_before(jiffies, deadline)) {
		if (fatal_signal_pending(current))
			return ihk_report(-EINTR, "The boot of OS %d was interrupted", boot->os->index);
		wait_event_killable_timeout(boot->wait, boot_settled(boot), LOOK_INTERVAL);
	}
	status = boot_status(boot);
	if (status == BOOT_STATUS_RUNNING)
		return 0;
	if (status == BOOT_STATUS_PANIC) {
		reason_copy(boot, reason);
		return ihk_report(-EIO, "OS %d panicked while it booted: %s", boot->os->index, reason);
	}
	return ihk_report(-ETIMEDOUT, "OS %d did not come up within %u s (boot status %u, first CPU's park slot %u)",
			  boot->os->index, limit_s, status,
			  READ_ONCE(boot->watch[0].cpu->slot->state));
}

static int boot_stop(struct ihk_boot *boot, bool ask)
{
	int err = cpus_stop(boot, ask);

	ikc_link_down(boot->link);
	live_del(boot);
	WRITE_ONCE(boot->stopped, true);
	ihk_kmsg_bell(boot);
	ihk_os_set_status(boot->os, IHK_STATUS_INACTIVE, NULL);
	return err;
}

/*
 * Interface, see ihk.h
 */

int ihk_os_boot(struct ihk_os *os)
{
	ktime_t start = ktime_get();
	struct ihk_boot *boot;
	int err;

	err = boot_check(os);
	if (err)
		return err;
	/* The area of the last boot, and its log, are about to be overwritten. */
	ihk_boot_free(os);
	err = boot_create(os, &boot);
	if (err)
		return err;
	ihk_os_set_status(os, IHK_STATUS_BOOTING, NULL);
	rcu_assign_pointer(os->boot, boot);
	live_add(boot);

	err = first_cpu_start(boot);
	if (!err)
		err = boot_wait(boot);
	if (err) {
		/* The caller gets why the boot failed; a CPU that is lost was reported. */
		boot_stop(boot, false);
		return err;
	}
	os->boots++;
	os->boot_ns = ktime_to_ns(ktime_sub(ktime_get(), start));
	ihk_os_set_status(os, IHK_STATUS_RUNNING, NULL);
	/* It may have panicked since, when that still counted as part of the boot. */
	ihk_boot_look(boot);
	return 0;
}

int ihk_os_shutdown(struct ihk_os *os)
{
	enum ihk_status status = READ_ONCE(os->status);

	if (status == IHK_STATUS_INACTIVE)
		return ihk_report(-EINVAL, "OS %d is not running", os->index);
	ihk_os_set_status(os, IHK_STATUS_SHUTDOWN, NULL);
	/* Who panicked or hangs is not asked. */
	return boot_stop(ihk_boot_of(os),
			 status == IHK_STATUS_RUNNING || status == IHK_STATUS_FROZEN);
}

void ihk_boot_free(struct ihk_os *os)
{
	struct ihk_boot *boot = ihk_boot_of(os);

	if (!boot)
		return;
	rcu_assign_pointer(os->boot, NULL);
	synchronize_srcu(&ihk_boot_srcu);
	boot_destroy(boot);
}

int ihk_os_ikc_moved(struct ihk_os *os)
{
	struct ihk_boot *boot = ihk_boot_of(os);
	u32 i, old, new;
	int err;

	if (!boot || boot->stopped)
		return 0;
	for (i = 0; i < boot->ncpus; i++) {
		old = boot->watch[i].server;
		new = boot->watch[i].cpu->ikc_linux_cpu;
		if (old == new)
			continue;
		err = ihk_doorbell_get(new);
		if (err)
			return err;
		WRITE_ONCE(boot->watch[i].server, new);
		ihk_doorbell_publish(boot);
		/* A bell to the old CPU that was under way finds nothing any more. */
		rcu_read_lock();
		ihk_boot_bell(boot, new);
		rcu_read_unlock();
		ihk_doorbell_put(old);
	}
	return 0;
}

int ihk_boot_init(void)
{
	int err;

	err = ikc_init();
	if (err)
		return err;
	err = ihk_notify_init();
	if (err)
		ikc_exit();
	return err;
}

void ihk_boot_exit(void)
{
	ihk_notify_exit();
	ihk_monitor_exit();
	ikc_exit();
	/* Entries deleted from the live list may still be under RCU readers' eyes. */
	synchronize_rcu();
}
