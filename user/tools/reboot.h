/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mcreboot: what it was asked for, what it has done, and the steps, which undo themselves.
 */
#ifndef TOOLS_REBOOT_H
#define TOOLS_REBOOT_H

#include <stdbool.h>
#include <sys/types.h>

#include <ihk/ihk.h>

/**
 * struct reboot - one run of mcreboot
 * @cpus, @ncpus: CPUs for the LWK; none: choose
 * @mem, @nmem:	memory for the LWK; none: choose
 * @map, @nmap:	IKC map; none: choose
 * @kargs:	kernel arguments
 * @image:	LWK image
 * @uid, @gid:	new owner of the device nodes, (uid_t)-1 and (gid_t)-1: leave them
 * @replace:	stop and destroy instances that exist
 * @beside:	make another instance beside those that exist
 * @quiet:	print errors only
 * @loaded:	modules that were loaded here, MODULE_*
 * @dev:	/dev/mcd0
 * @taken_cpus, @ntaken_cpus: CPUs that were reserved here
 * @taken_mem, @ntaken_mem: memory that was reserved here
 * @index:	instance that was created here, or -1
 * @os:		the instance
 */
struct reboot {
	int cpus[IHK_MAX_CPUS];
	int ncpus;
	struct ihk_mem_chunk mem[IHK_MAX_CHUNKS];
	int nmem;
	struct ihk_ikc_cpu_map map[IHK_MAX_CPUS];
	int nmap;
	const char *kargs;
	const char *image;
	uid_t uid;
	gid_t gid;
	bool replace;
	bool beside;
	bool quiet;

	unsigned int loaded;
	struct ihk_dev *dev;
	int taken_cpus[IHK_MAX_CPUS];
	int ntaken_cpus;
	struct ihk_mem_chunk taken_mem[IHK_MAX_CHUNKS];
	int ntaken_mem;
	int index;
	struct ihk_instance *os;
};

/**
 * struct reboot_step - one step
 * @name:	for messages
 * @run:	does it; 0, or -1 after a message, and then nothing is left of it
 * @undo:	takes it back after a later step failed, or NULL
 */
struct reboot_step {
	const char *name;
	int (*run)(struct reboot *reboot);
	void (*undo)(struct reboot *reboot);
};

/** reboot_steps - in order, closed by one without name. */
extern const struct reboot_step reboot_steps[];

/** reboot_say() - tell what is being done, unless quiet. */
void reboot_say(const struct reboot *reboot, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** reboot_reserve_mem() - the step that takes memory. Return: 0, or -1 after a message. */
int reboot_reserve_mem(struct reboot *reboot);
/** reboot_release_mem() - undo it. */
void reboot_release_mem(struct reboot *reboot);
/** reboot_reserve_cpus() - the step that takes CPUs. Return: 0, or -1 after a message. */
int reboot_reserve_cpus(struct reboot *reboot);
/** reboot_release_cpus() - undo it. */
void reboot_release_cpus(struct reboot *reboot);
/** reboot_choose_cpus() - the step that decides on CPUs. Return: 0, or -1 after a message. */
int reboot_choose_cpus(struct reboot *reboot);
/** reboot_choose_mem() - the same for memory, when the CPUs are reserved. */
int reboot_choose_mem(struct reboot *reboot);

#endif
