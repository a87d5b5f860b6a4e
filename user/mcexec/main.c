// SPDX-License-Identifier: GPL-2.0-only
/*
 * mcexec: run a program on the LWK. This process is the program's proxy on Linux: it has
 * its id, descriptors, credentials and terminal, and makes the system calls that the LWK leaves to
 * Linux.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "abi/mcctrl_ioctl.h"
#include "user/mcexec/core.h"
#include "user/mcexec/device.h"
#include "user/mcexec/exec.h"
#include "user/mcexec/fds.h"
#include "user/mcexec/identity.h"
#include "user/mcexec/image.h"
#include "user/mcexec/layout.h"
#include "user/mcexec/options.h"
#include "user/mcexec/path.h"
#include "user/mcexec/mempolicy.h"
#include "user/mcexec/policy.h"
#include "user/mcexec/program.h"
#include "user/mcexec/share.h"
#include "user/mcexec/signals.h"
#include "user/mcexec/space.h"
#include "user/mcexec/spare.h"
#include "user/mcexec/summary.h"
#include "user/mcexec/text.h"
#include "user/mcexec/trace.h"
#include "user/mcexec/trace_lines.h"
#include "user/mcexec/twin.h"
#include "user/tools/cli.h"

static int open_trace(struct options *options)
{
	int fd;

	if (!options->trace && !options->summary)
		return 0;
	if (options->trace_file)
		fd = open(options->trace_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	else
		fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	if (fd < 0) {
		fd = -errno;
		cli_fail("cannot write a trace to %s: %s",
			 options->trace_file ? options->trace_file : "stderr", strerror(-fd));
		return fd;
	}
	options->trace_fd = fds_hide(fd);
	if (!options->trace)
		return 0;
	options->trace_lines = trace_lines_create();
	if (options->trace_lines >= 0)
		return 0;
	cli_fail("cannot trace: %s", strerror(-options->trace_lines));
	return options->trace_lines;
}

/* Return: 0 or -errno. */
static int begin_trace(const struct options *options, const struct program *program)
{
	const struct trace_setup setup = {
		options->trace_lines, options->trace_fd, options->exec_ns,
	};
	int err = options->trace ? trace_start(&setup) : 0;

	if (err)
		cli_fail("cannot trace: %s", strerror(-err));
	else if (options->summary)
		summary_start(options->trace_fd, program->exe.path);
	return err;
}

/* What is to outlast the program, out of its sight. Return: 0 or -errno. */
static int open_own(struct options *options)
{
	if (options->exec) {
		options->device = fds_hide(options->device);
		options->exe = fds_hide(options->exe);
		options->trace_fd = fds_hide(options->trace_fd);
		options->share = fds_hide(options->share);
		options->trace_lines = fds_hide(options->trace_lines);
		return 0;
	}
	options->device = device_open(options->os);
	if (options->device < 0)
		return options->device;
	/* Without it the program cannot execute others, but it may not want to. */
	options->exe = fds_hide(open("/proc/self/exe", O_PATH | O_CLOEXEC));
	return open_trace(options);
}

/* Have an empty process made, and its memory within our reach. Return: the proxy's file. */
static int make_process(const struct options *options)
{
	int proxy = device_create_proxy(options->device, options->os);
	int err;

	if (proxy < 0)
		return proxy;
	err = space_map_all(proxy);
	if (err)
		cli_fail("cannot map the program's memory: %s", strerror(-err));
	return err ? err : proxy;
}

static void say_where(const struct image *image)
{
	const struct program *program = image->program;
	const struct program_layout *layout = &image->layout;

	fprintf(stderr, "mcexec: process %d on LWK %d, CPU %u: %s at %#llx, stack up to %#llx\n",
		getpid(), image->options->os, layout->cpu, program->exe.path,
		program->exe.elf.sections[0].vaddr + layout->bias, layout->stack_top);
	if (program->interp.fd >= 0)
		fprintf(stderr, "mcexec: interpreter %s at %#llx\n", program->interp.path,
			program->interp.elf.sections[0].vaddr + layout->interp_bias);
}

static int load(struct image *image, struct program *program)
{
	int err;

	err = image_prepare(image);
	policy_drop();
	if (!err)
		err = image_load(image);
	if (err)
		return err;
	if (image->options->verbose)
		say_where(image);
	core_setup(image);
	path_setup(fds_hide(program->exe.fd));
	program->exe.fd = -1;
	program_close(program);
	identity_take(image);
	if (!ioctl(image->proxy, MCCTRL_IOC_START_IMAGE))
		return 0;
	err = -errno;
	cli_fail("cannot start %s: %s", program->exe.path, strerror(-err));
	return err;
}

/* Return: -errno after a message; not at all if the program ends. */
static int run(struct options *options, struct program *program)
{
	struct image image = { .program = program, .options = options };
	struct twin_setup setup = { 0 };
	int err;

	err = space_clear();
	if (err) {
		cli_fail("cannot free the program's address range: %s", strerror(-err));
		return err;
	}
	err = open_own(options);
	if (err)
		return err;
	text_lwk_setup(options->os, options->device);
	if (!options->exec)
		mempolicy_take();
	image.proxy = make_process(options);
	if (image.proxy < 0)
		return image.proxy;
	/* Connected by then, the LWK says where its CPUs and its memory are. */
	err = mempolicy_check_nodes(options->device, options->os);
	if (!err && options->nshares)
		err = share_take(options);
	if (!err)
		err = load(&image, program);
	if (err)
		return err;
	setup = (struct twin_setup){ image.proxy, options->device, options->os };
	signals_set_proxy(image.proxy);
	signals_start();
	exec_setup(options);
	spare_setup((unsigned int)options->twins);
	err = begin_trace(options, program);
	if (err)
		return err;
	err = twin_run(&setup);
	device_tell_lost(options->device, options->os, err);
	return err;
}

static int find(struct program *program, const struct options *options)
{
	int err;

	if (options->exec) {
		/* Some may have been held back. */
		signals_set_mask(options->blocked);
		/* Not for what the program executes in turn. */
		fcntl(options->file, F_SETFD, FD_CLOEXEC);
		err = program_open_file(program, options->file, options->name, options->argv,
					options->program_flags);
	} else {
		err = program_open(program, options->name, options->argv);
	}
	if (!err)
		return 0;
	cli_fail("cannot run %s: %s", program->failed, program->why);
	return err == -ENOENT ? MCEXEC_NOT_FOUND : MCEXEC_NOT_EXECUTABLE;
}

int main(int argc, char **argv)
{
	/* Too large for the stack's comfort, and needed until the end. */
	static struct program program;
	struct options options;
	int status;

	cli_set_name("mcexec");
	if (layout_check(argc, argv))
		return MCEXEC_FAILED;
	status = options_parse(argc, argv, &options);
	if (status >= 0)
		return cli_close_stdout(status) ? MCEXEC_FAILED : 0;
	status = find(&program, &options);
	if (!status && run(&options, &program))
		status = MCEXEC_FAILED;
	return status;
}
