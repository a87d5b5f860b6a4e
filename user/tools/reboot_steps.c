// SPDX-License-Identifier: GPL-2.0-only
/*
 * mcreboot's steps, from loading the module to handing over the devices.
 */
#include "reboot.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ihk/parse.h>

#include "cli.h"
#include "kmsg.h"
#include "lists.h"
#include "module.h"
#include "plan.h"
#include "stop.h"

/* How the LWK's messages on its arguments begin (lwk/core/kargs.c). */
#define KARGS "kargs: "

void reboot_say(const struct reboot *reboot, const char *fmt, ...)
{
	va_list args;

	if (reboot->quiet)
		return;
	va_start(args, fmt);
	printf("mcreboot: ");
	vprintf(fmt, args);
	putchar('\n');
	va_end(args);
	cli_flush();
}

static int library_failed(void)
{
	cli_library_failed();
	return -1;
}

/* Before anything is taken from Linux. What it is shows as it is loaded. */
static int find_image(struct reboot *reboot)
{
	if (!access(reboot->image, R_OK))
		return 0;
	cli_fail("cannot load %s: %s", reboot->image, strerror(errno));
	return -1;
}

static int load_module(struct reboot *reboot)
{
	if (!module_is_loaded())
		reboot_say(reboot, "loading the modules ihk and mcctrl");
	return module_load(&reboot->loaded);
}

static void unload_module(struct reboot *reboot)
{
	int err = module_unload(reboot->loaded);

	if (err)
		cli_fail("cannot remove the modules: %s", strerror(-err));
	reboot->loaded = 0;
}

static int open_machine(struct reboot *reboot)
{
	return ihk_dev_open(0, IHK_OPEN_SAME_BUILD, &reboot->dev) ? library_failed() : 0;
}

static void close_machine(struct reboot *reboot)
{
	ihk_dev_close(reboot->dev);
	reboot->dev = NULL;
}

/* Refuse while an LWK runs; one that does not makes way. */
static int make_way(struct reboot *reboot)
{
	struct ihk_status_info info;
	struct ihk_instance *os;
	int ids[IHK_MAX_OS];
	int n;
	int err;

	if (reboot->beside)
		return 0;
	n = ihk_dev_query_instances(reboot->dev, ids, IHK_MAX_OS);
	if (n < 0)
		return library_failed();
	for (int i = 0; i < n; i++) {
		if (ihk_instance_open(ids[i], 0, &os))
			return library_failed();
		err = ihk_instance_get_status(os, &info);
		ihk_instance_close(os);
		if (err)
			return library_failed();
		if (!reboot->replace && info.status != IHK_STATUS_INACTIVE) {
			cli_fail("OS instance %d is %s: stop it with mcstop, replace it with -R, "
				 "or boot another beside it with -a", ids[i],
				 ihk_status_name(info.status));
			return -1;
		}
	}
	for (int i = 0; i < n; i++) {
		reboot_say(reboot, "removing OS instance %d", ids[i]);
		if (stop_instance(reboot->dev, ids[i]))
			return -1;
	}
	return 0;
}

static int create(struct reboot *reboot)
{
	int index = ihk_dev_create_instance(reboot->dev);

	if (index < 0)
		return library_failed();
	if (ihk_instance_open(index, 0, &reboot->os)) {
		cli_library_failed();
		ihk_dev_destroy_instance(reboot->dev, index);
		return -1;
	}
	reboot->index = index;
	reboot_say(reboot, "OS instance %d is /dev/mcos%d", index, index);
	return 0;
}

static void destroy(struct reboot *reboot)
{
	ihk_instance_close(reboot->os);
	reboot->os = NULL;
	if (ihk_dev_destroy_instance(reboot->dev, reboot->index))
		cli_library_failed();
	reboot->index = -1;
}

/* What destroy() takes back too. */
static int assign(struct reboot *reboot)
{
	if (ihk_instance_assign_cpus(reboot->os, reboot->cpus, reboot->ncpus) ||
	    ihk_instance_assign_mem(reboot->os, reboot->mem, reboot->nmem))
		return library_failed();
	return 0;
}

static int choose_map(struct reboot *reboot)
{
	struct cpu_list list;
	struct topo topo;
	int err;

	err = topo_read(&topo, "/sys");
	if (err) {
		cli_fail("cannot read the machine's topology: %s", strerror(-err));
		return -1;
	}
	if (instance_cpus(reboot->os, &list))
		return library_failed();
	reboot->nmap = plan_ikc_map(&topo, list.cpus, list.n, reboot->map);
	cpu_list_free(&list);
	return 0;
}

static int set_map(struct reboot *reboot)
{
	char text[16 * IHK_MAX_CPUS];

	if (!reboot->nmap && choose_map(reboot))
		return -1;
	if (ihk_format_ikc_map(reboot->map, reboot->nmap, text, sizeof(text)) < 0)
		return library_failed();
	reboot_say(reboot, "IKC map %s", text);
	if (ihk_instance_set_ikc_map(reboot->os, reboot->map, reboot->nmap))
		return library_failed();
	return 0;
}

static int load_image(struct reboot *reboot)
{
	reboot_say(reboot, "loading %s", reboot->image);
	return ihk_instance_load(reboot->os, reboot->image) ? library_failed() : 0;
}

static int set_kargs(struct reboot *reboot)
{
	return ihk_instance_set_kargs(reboot->os, reboot->kargs) ? library_failed() : 0;
}

/* What the LWK says of arguments that it does not know. */
static void repeat_complaint(void *arg, const char *line, size_t len)
{
	const char *what = memmem(line, len, KARGS, strlen(KARGS));

	(void)arg;
	if (what)
		cli_fail("kernel arguments: %.*s", (int)(line + len - what - strlen(KARGS)),
			 what + strlen(KARGS));
}

static void repeat_complaints(struct reboot *reboot)
{
	struct kmsg_reader reader;
	uint64_t lost = 0;

	kmsg_start(&reader, reboot->os);
	/* A log that cannot be read is no reason to undo the boot. */
	(void)kmsg_drain(&reader, repeat_complaint, NULL, &lost);
}

static int boot(struct reboot *reboot)
{
	struct ihk_status_info info;

	reboot_say(reboot, "booting");
	if (ihk_instance_boot(reboot->os) || ihk_instance_get_status(reboot->os, &info))
		return library_failed();
	reboot_say(reboot, "OS instance %d is %s on %d CPUs with %llu MiB after %.0f ms",
		   reboot->index, ihk_status_name(info.status), info.ncpus,
		   (unsigned long long)info.mem >> 20, info.boot_ns / 1e6);
	repeat_complaints(reboot);
	return 0;
}

static void shut_down(struct reboot *reboot)
{
	if (ihk_instance_shutdown(reboot->os))
		cli_library_failed();
}

static int hand_over(struct reboot *reboot)
{
	char path[32];

	if (reboot->uid == (uid_t)-1 && reboot->gid == (gid_t)-1)
		return 0;
	snprintf(path, sizeof(path), "/dev/mcos%d", reboot->index);
	if (!chown("/dev/mcd0", reboot->uid, reboot->gid) &&
	    !chown(path, reboot->uid, reboot->gid))
		return 0;
	cli_fail("cannot give the devices to their new owner: %s", strerror(errno));
	return -1;
}

const struct reboot_step reboot_steps[] = {
	{ "find-image", find_image, NULL },
	{ "load-module", load_module, unload_module },
	{ "open", open_machine, close_machine },
	{ "make-way", make_way, NULL },
	{ "choose-cpus", reboot_choose_cpus, NULL },
	{ "reserve-cpus", reboot_reserve_cpus, reboot_release_cpus },
	{ "choose-mem", reboot_choose_mem, NULL },
	{ "reserve-mem", reboot_reserve_mem, reboot_release_mem },
	{ "create", create, destroy },
	{ "assign", assign, NULL },
	{ "ikc-map", set_map, NULL },
	{ "load-image", load_image, NULL },
	{ "kargs", set_kargs, NULL },
	{ "boot", boot, shut_down },
	{ "hand-over", hand_over, NULL },
	{ 0 },
};
