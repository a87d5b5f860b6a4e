// SPDX-License-Identifier: GPL-2.0-only
/*
 * From an open program to a process on the LWK. What nobody writes to is mapped, so that it is
 * there once for all who run the program; mcctrl reads the rest straight into the LWK's memory.
 */
#include "image.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <unistd.h>

#include "abi/layout.h"
#include "abi/mcctrl_ioctl.h"
#include "user/mcexec/mempolicy.h"
#include "user/mcexec/space.h"
#include "user/tools/cli.h"

#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51
#endif
#ifndef AT_RSEQ_FEATURE_SIZE
#define AT_RSEQ_FEATURE_SIZE 27
#define AT_RSEQ_ALIGN 28
#endif

extern char **environ;

/* The highest CPU that was asked for, or -1. */
static int last_cpu(const struct options *options)
{
	int cpu = IHK_MAX_CPUS - 1;

	while (cpu >= 0 && !(options->cpus[cpu / 64] >> cpu % 64 & 1))
		cpu--;
	return cpu;
}

static int fail(const struct image *image, int err)
{
	const char *path = image->program->exe.path;
	int cpu = last_cpu(image->options);

	if (err == -EINVAL && cpu >= 0)
		cli_fail("cannot load %s: the LWK has no CPU %d", path, cpu);
	else
		cli_fail("cannot load %s: %s", path, strerror(-err));
	return err;
}

static u64 strings_size(char *const *strings, u32 *count)
{
	u64 len = 0;

	for (*count = 0; strings[*count]; ++*count)
		len += strlen(strings[*count]) + 1;
	return len;
}

static char *put_string(char *to, const char *string)
{
	return stpcpy(to, string) + 1;
}

/* The block is a mapping of its own, since Linux will show it as our command line. */
static int make_strings(struct image *image)
{
	const struct program *program = image->program;
	u64 args_len = strings_size(program->argv, &image->argc);
	u64 env_len = strings_size(environ, &image->envc);
	char *to;

	image->env_start = args_len;
	image->env_end = args_len + env_len;
	image->strings_len = args_len + env_len + strlen(program->execfn) + 1;
	if (image->strings_len > PROGRAM_MAX_ARGS_LEN ||
	    (u64)image->argc + image->envc > PROGRAM_MAX_STRINGS)
		return fail(image, -E2BIG);
	to = mmap(NULL, image->strings_len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		  -1, 0);
	if (to == MAP_FAILED)
		return fail(image, -errno);
	image->strings = to;
	for (u32 i = 0; i < image->argc; i++)
		to = put_string(to, program->argv[i]);
	for (u32 i = 0; i < image->envc; i++)
		to = put_string(to, environ[i]);
	put_string(to, program->execfn);
	return 0;
}

static void describe_elf(const struct image *image, struct program_load_desc *desc)
{
	const struct elf_program *exe = &image->program->exe.elf;
	const struct elf_program *interp = &image->program->interp.elf;
	int persona = personality(0xffffffff);

	if (exe->pie)
		desc->flags |= PROGRAM_PIE;
	if (exe->exec_stack)
		desc->flags |= PROGRAM_EXEC_STACK;
	if (image->options->no_randomize || (persona >= 0 && (persona & ADDR_NO_RANDOMIZE)))
		desc->flags |= PROGRAM_NO_RANDOMIZE;
	if (image->options->trace)
		desc->flags |= PROGRAM_TELL_CALLS;
	desc->entry = exe->entry;
	desc->phdr = exe->phdr;
	desc->phent = ELF_PHDR_LEN;
	desc->phnum = exe->phnum;
	desc->align = exe->align;
	desc->nsections = exe->nsections;
	memcpy(desc->sections, exe->sections, exe->nsections * sizeof(exe->sections[0]));
	if (image->program->interp.fd < 0)
		return;
	desc->flags |= PROGRAM_INTERP;
	desc->interp_entry = interp->entry;
	desc->interp_align = interp->align;
	for (u32 i = 0; i < interp->nsections; i++) {
		desc->sections[desc->nsections] = interp->sections[i];
		desc->sections[desc->nsections++].image = PROGRAM_IMAGE_INTERP;
	}
}

static void describe_machine(struct program_load_desc *desc)
{
	const char *platform = (const char *)getauxval(AT_PLATFORM);

	desc->hwcap = getauxval(AT_HWCAP);
	desc->hwcap2 = getauxval(AT_HWCAP2);
	desc->clktck = getauxval(AT_CLKTCK);
	desc->minsigstksz = getauxval(AT_MINSIGSTKSZ);
	desc->rseq_len = (u32)getauxval(AT_RSEQ_FEATURE_SIZE);
	desc->rseq_align = (u32)getauxval(AT_RSEQ_ALIGN);
	snprintf(desc->platform, sizeof(desc->platform), "%s", platform ? platform : "x86_64");
}

static void describe(const struct image *image, struct program_load_desc *desc)
{
	*desc = (struct program_load_desc){
		.magic = PROGRAM_MAGIC,
		.version = PROGRAM_VERSION,
		.len = sizeof(*desc),
		.secure = image->program->secure,
		.argc = image->argc,
		.envc = image->envc,
		.cpu = image->options->cpu,
		.args_len = image->strings_len,
		.stack_premap = image->options->stack_premap,
	};
	memcpy(desc->cpus, image->options->cpus, sizeof(desc->cpus));
	mempolicy_describe(desc);
	describe_elf(image, desc);
	describe_machine(desc);
	snprintf(desc->comm, sizeof(desc->comm), "%s", program_name(image->program));
}

int image_prepare(struct image *image)
{
	const struct program *program = image->program;
	struct program_load_desc desc;
	struct mcctrl_prepare prepare = { .desc = (u64)&desc };
	int err;

	if (program->exe.elf.nsections + program->interp.elf.nsections > PROGRAM_MAX_SECTIONS)
		return fail(image, -ENOEXEC);
	err = make_strings(image);
	if (err)
		return err;
	describe(image, &desc);
	if (ioctl(image->proxy, MCCTRL_IOC_PREPARE_IMAGE, &prepare))
		return fail(image, -errno);
	image->layout = prepare.layout;
	return 0;
}

/* Return: 0 or -errno; -ENOEXEC: the file has become shorter. */
static int load_range(const struct image *image, const struct mcctrl_fill *fill)
{
	if (!space_is_user(fill->to, fill->len))
		return -EPROTO;
	return fill->len && ioctl(image->proxy, MCCTRL_IOC_FILL_IMAGE, fill) ? -errno : 0;
}

/* Return: 0 or -errno. */
static int map_section(int fd, const struct program_section *section, u64 bias)
{
	u64 inside = section->vaddr % LWK_PAGE_SIZE;
	u64 to = section->vaddr + bias - inside;
	u64 len = section->filesz + inside;

	if (!space_is_user(to, len))
		return -EPROTO;
	if (mmap((void *)to, len, (int)section->prot, MAP_PRIVATE | MAP_FIXED, fd,
		 (off_t)(section->offset - inside)) == MAP_FAILED)
		return -errno;
	return 0;
}

static int load_section(const struct image *image, int fd, const struct program_section *section,
			u64 bias)
{
	if (section->mapped)
		return map_section(fd, section, bias);
	return load_range(image, &(struct mcctrl_fill){
		.to = section->vaddr + bias,
		.len = section->filesz,
		.offset = section->offset,
		.fd = fd,
	});
}

static int load_file(const struct image *image, const struct program_file *file, u64 bias)
{
	const struct mcctrl_fill executed = {
		.to = LWK_USER_START,
		.fd = file->fd,
		.flags = MCCTRL_FILL_EXE,
	};
	int err = 0;

	if (file->fd < 0)
		return 0;
	/* Nobody writes to the file any more, so what is read is one program. */
	if (file == &image->program->exe && ioctl(image->proxy, MCCTRL_IOC_FILL_IMAGE, &executed))
		err = -errno;
	for (u32 i = 0; i < file->elf.nsections && !err; i++)
		err = load_section(image, file->fd, &file->elf.sections[i], bias);
	if (err)
		cli_fail("cannot load %s: %s", file->path, strerror(-err));
	return err;
}

static int load_strings(const struct image *image)
{
	return load_range(image, &(struct mcctrl_fill){
		.to = image->layout.args_start,
		.len = image->strings_len,
		.offset = (u64)image->strings,
		.fd = -1,
		.flags = MCCTRL_FILL_MEMORY,
	});
}

int image_load(const struct image *image)
{
	int err;

	err = load_file(image, &image->program->exe, image->layout.bias);
	if (!err)
		err = load_file(image, &image->program->interp, image->layout.interp_bias);
	if (err)
		return err;
	err = load_strings(image);
	if (err)
		cli_fail("cannot pass the arguments: %s", strerror(-err));
	return err;
}
