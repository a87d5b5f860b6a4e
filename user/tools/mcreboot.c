// SPDX-License-Identifier: GPL-2.0-only
/*
 * mcreboot: boot an LWK in one go. Runs the steps of reboot_steps.c; when one fails, a signal
 * asks to stop or the output cannot be written, those that are done are undone in reverse order.
 */
#include "reboot.h"

#include <getopt.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ihk/parse.h>

#include "cli.h"
#include "config.h"

static volatile sig_atomic_t signal_caught;

static void catch_signal(int number)
{
	signal_caught = number;
}

static void catch_signals(void)
{
	const struct sigaction action = { .sa_handler = catch_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

static void print_help(void)
{
	printf("Usage: mcreboot [OPTION...]\n\n"
	       "Take CPUs and memory from Linux and boot a lightweight kernel on them. Without\n"
	       "options: half of the cores, of the last NUMA nodes, and half of these nodes' free\n"
	       "memory; what is reserved already is used instead. A step that fails undoes all.\n\n"
	       "  -c, --cpus=LIST      CPUs, 2-3\n"
	       "  -m, --mem=LIST       memory, 512M@0,1G@1 or ALL\n"
	       "  -r, --ikc-map=MAP    which Linux CPU serves which CPU, 2:0+3:1 (the nearest)\n"
	       "  -e, --kargs=STRING   kernel arguments\n"
	       "  -I, --image=FILE     LWK image ($MCK_IMAGE, else the one built or installed)\n"
	       "  -o, --owner=USER[:GROUP]  new owner of the device nodes\n"
	       "  -R, --replace        stop and remove instances that exist\n"
	       "  -a, --another        leave instances that exist, boot another\n"
	       "  -q, --quiet          print errors only\n"
	       "      --help           print this help\n"
	       "  -V, --version        print version and build id\n\n"
	       "For the sake of older scripts -h (idle_halt) and -s (safe_kernel_map) are accepted:\n"
	       "this LWK always does both. The environment's MCK_MODDIR names the directory of\n"
	       "ihk.ko and mcctrl.ko; otherwise modprobe finds them. See mcreboot(8).\n");
}

static int parse_owner(struct reboot *reboot, char *text)
{
	char *group = strchr(text, ':');
	const struct passwd *user;
	const struct group *found;

	if (group)
		*group++ = '\0';
	if (text[0]) {
		user = getpwnam(text);
		if (!user)
			return cli_usage("there is no user \"%s\"", text);
		reboot->uid = user->pw_uid;
	}
	if (group) {
		found = getgrnam(group);
		if (!found)
			return cli_usage("there is no group \"%s\"", group);
		reboot->gid = found->gr_gid;
	}
	return CLI_OK;
}

/* Why an option of older versions is not taken. */
static int refuse_option(int letter)
{
	static const struct {
		char letter;
		const char *why;
	} refused[] = {
		{ 'd', "this LWK writes no memory dumps" },
		{ 'f', "start ihkmond -f FACILITY to have the log in syslog" },
		{ 'i', "hangs are detected by the module; see its parameter hang_timeout_s" },
		{ 'k', "start ihkmond to have the log in syslog" },
		{ 'O', "the number of threads is not limited" },
		{ 't', "the processor's turbo is Linux's business" },
		{ 'T', "there is no switch for it" },
	};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (refused[i].letter == letter)
			return cli_usage("option -%c is not supported: %s", letter,
					 refused[i].why);
	return cli_bad_option();
}

static int parse_option(struct reboot *reboot, int letter, char *arg)
{
	int n = 0;

	switch (letter) {
	case 'c':
		n = reboot->ncpus = ihk_parse_cpus(arg, reboot->cpus, IHK_MAX_CPUS);
		break;
	case 'm':
		n = reboot->nmem = ihk_parse_mem(arg, 0, reboot->mem, IHK_MAX_CHUNKS);
		break;
	case 'r':
		n = reboot->nmap = ihk_parse_ikc_map(arg, reboot->map, IHK_MAX_CPUS);
		break;
	case 'e':
		reboot->kargs = arg;
		break;
	case 'I':
		reboot->image = arg;
		break;
	case 'o':
		return parse_owner(reboot, arg);
	case 'R':
		reboot->replace = true;
		break;
	case 'a':
		reboot->beside = true;
		break;
	case 'q':
		reboot->quiet = true;
		break;
	case 'h':
	case 's':
		break;
	default:
		return refuse_option(letter);
	}
	return n < 0 ? cli_bad_text() : CLI_OK;
}

/* -1 to go on, or an exit status. */
static int parse_options(struct reboot *reboot, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "cpus", 1, NULL, 'c' },
		{ "mem", 1, NULL, 'm' },
		{ "ikc-map", 1, NULL, 'r' },
		{ "kargs", 1, NULL, 'e' },
		{ "image", 1, NULL, 'I' },
		{ "owner", 1, NULL, 'o' },
		{ "replace", 0, NULL, 'R' },
		{ "another", 0, NULL, 'a' },
		{ "quiet", 0, NULL, 'q' },
		{ "help", 0, NULL, 'H' },
		{ "version", 0, NULL, 'V' },
		{ 0 },
	};
	int status;
	int c;

	argv[0] = "mcreboot";
	while ((c = getopt_long(argc, argv, "c:m:r:e:I:o:RaqVhsd:f:i:k:OtT:", longs,
				NULL)) != -1) {
		if (c == 'H') {
			print_help();
			return CLI_OK;
		}
		if (c == 'V') {
			cli_print_version("mcreboot");
			return CLI_OK;
		}
		status = parse_option(reboot, c, optarg);
		if (status)
			return status;
	}
	if (optind < argc)
		return cli_usage("unexpected argument \"%s\"; see mcreboot --help", argv[optind]);
	if (reboot->replace && reboot->beside)
		return cli_usage("--replace and --another exclude each other");
	return -1;
}

static int run_steps(struct reboot *reboot)
{
	const struct reboot_step *step = reboot_steps;

	while (step->name && !signal_caught && !ferror(stdout) && !step->run(reboot))
		step++;
	if (!step->name)
		return CLI_OK;
	if (signal_caught)
		cli_fail("interrupted at step %s", step->name);
	if (reboot->loaded || reboot->ntaken_cpus || reboot->ntaken_mem || reboot->index >= 0)
		reboot_say(reboot, "step %s did not succeed: undoing what was done", step->name);
	while (step-- > reboot_steps)
		if (step->undo)
			step->undo(reboot);
	return CLI_FAILED;
}

int main(int argc, char **argv)
{
	static struct reboot reboot = {
		.uid = -1,
		.gid = -1,
		.index = -1,
		.kargs = "",
	};
	int status;

	cli_set_name("mcreboot");
	status = parse_options(&reboot, argc, argv);
	if (status >= 0)
		return cli_close_stdout(status);
	if (geteuid())
		return cli_fail("only root may take CPUs and memory from Linux");
	if (!reboot.image)
		reboot.image = config_image();
	catch_signals();
	cli_survive_pipe();
	status = run_steps(&reboot);
	ihk_instance_close(reboot.os);
	ihk_dev_close(reboot.dev);
	return cli_close_stdout(status);
}
