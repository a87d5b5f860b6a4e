// SPDX-License-Identifier: GPL-2.0-only
/*
 * ihkosctl: one OS instance. The table of its actions; osctl_*.c have them.
 */
#include "osctl.h"

#define NO_OPTIONS { { 0 } }
#define CPU_OPTION { 'c', "cpu", "N", "LWK CPU, counted from 0 (0)" }

static const struct cli_action actions[] = {
	{ "assign cpu", "LIST|all", "give the instance reserved CPUs",
	  "\"all\" are those that no instance has.", 1, 1, false, NO_OPTIONS, osctl_assign_cpu },
	{ "assign mem", "LIST|all", "give the instance reserved memory",
	  "SIZE without @NODE is of node 0; \"all\" is what no instance has.",
	  1, 1, false, NO_OPTIONS, osctl_assign_mem },
	{ "release cpu", "LIST|all", "take CPUs back; they stay reserved", NULL,
	  1, 1, false, NO_OPTIONS, osctl_release_cpu },
	{ "release mem", "LIST|all", "take memory back; it stays reserved",
	  "SIZE without @NODE is of any node.", 1, 1, false, NO_OPTIONS, osctl_release_mem },
	{ "query cpu", "", "list its CPUs, by Linux's numbers", NULL,
	  0, 0, true, NO_OPTIONS, osctl_query_cpu },
	{ "query mem", "", "list its memory, bytes@node",
	  "JSON lists each contiguous piece; physical addresses are shown to root only.",
	  0, 0, true, NO_OPTIONS, osctl_query_mem },
	{ "query_free_mem", "", "list what the running LWK has free, bytes@node", NULL,
	  0, 0, true, NO_OPTIONS, osctl_query_free_mem },
	{ "set ikc_map", "MAP", "say which Linux CPU serves which of its CPUs",
	  "MAP is LWKCPUS:LINUXCPU+LWKCPUS:LINUXCPU, all by Linux's numbers: 2-3:0+4:1.",
	  1, 1, false, NO_OPTIONS, osctl_set_ikc_map },
	{ "get ikc_map", "", "print that map", NULL, 0, 0, true, NO_OPTIONS, osctl_get_ikc_map },
	{ "load", "[FILE]", "load an LWK image",
	  "Without FILE: $MCK_IMAGE, or the image that was built or installed with this tool.",
	  0, 1, false, NO_OPTIONS, osctl_load },
	{ "kargs", "STRING", "set the kernel arguments of the next boot", NULL,
	  1, 1, false, NO_OPTIONS, osctl_kargs },
	{ "get kargs", "", "print them", NULL, 0, 0, true, NO_OPTIONS, osctl_get_kargs },
	{ "boot", "", "start the LWK and wait until it is RUNNING", NULL,
	  0, 0, false, NO_OPTIONS, osctl_boot },
	{ "shutdown", "", "stop the LWK, also a dead one, and wait until it is INACTIVE", NULL,
	  0, 0, false, NO_OPTIONS, osctl_shutdown },
	{ "freeze", "", "halt all its CPUs where they are", NULL,
	  0, 0, false, NO_OPTIONS, osctl_freeze },
	{ "thaw", "", "let them go on", NULL, 0, 0, false, NO_OPTIONS, osctl_thaw },
	{ "status", "", "print everything about its state", NULL,
	  0, 0, true, NO_OPTIONS, osctl_status },
	{ "get status", "", "print the word for its state", NULL,
	  0, 0, true, NO_OPTIONS, osctl_get_status },
	{ "wait", "STATUS[,STATUS]", "sleep until it has one of these states", NULL,
	  1, 1, false, { { 't', "timeout", "SECONDS", "fail after this time (never)" } },
	  osctl_wait },
	{ "kmsg", "", "print the LWK's log",
	  "Following goes on over reboots, until the instance is destroyed.",
	  0, 0, true, { { 'f', "follow", NULL, "go on as the log grows" } }, osctl_kmsg },
	{ "clear_kmsg", "", "forget the log so far", NULL,
	  0, 0, false, NO_OPTIONS, osctl_clear_kmsg },
	{ "debug_log", "", "have the LWK write into its log what its programs do", NULL,
	  0, 0, false, NO_OPTIONS, osctl_debug_log },
	{ "monitor", "", "print what its CPUs do", NULL, 0, 0, true, NO_OPTIONS, osctl_monitor },
	{ "ping", "", "measure round trips to an LWK CPU",
	  "Modes: irq, from interrupt handler to interrupt handler; work, from thread to thread;\n"
	  "poll, both sides poll.",
	  0, 0, true, {
		CPU_OPTION,
		{ 'm', "mode", "MODE", "irq, work or poll (irq)" },
		{ 'n', "count", "N", "round trips (1)" },
		{ 't', "timeout", "MS", "for all of them, milliseconds (60000)" },
	  }, osctl_ping },
	{ "test", "[WORD [NUMBER...]]", "run an experiment on an LWK CPU; without WORD, list them",
	  "The LWK must run with the kernel argument test_hooks. Most experiments kill it.",
	  0, 6, true, {
		CPU_OPTION,
		{ 't', "timeout", "MS", "wait so long for the answer (60000)" },
		{ 'n', "no-wait", NULL, "wait for no answer: the LWK may be dead by then" },
	  }, osctl_test },
	{ "get buildid", "", "print the build id of the loaded module", NULL,
	  0, 0, true, NO_OPTIONS, osctl_get_buildid },
	{ 0 },
};

static const struct cli_tool ihkosctl = {
	.name = "ihkosctl",
	.number = "OS",
	.about = "Control one lightweight kernel. OS is its number N in /dev/mcosN.",
	.actions = actions,
};

struct ihk_instance *osctl_open(const struct cli_request *request)
{
	struct ihk_instance *os;

	if (!ihk_instance_open(request->number, 0, &os))
		return os;
	cli_library_failed();
	return NULL;
}

int osctl_finish(struct ihk_instance *os, int err)
{
	int status = err < 0 ? cli_library_failed() : CLI_OK;

	ihk_instance_close(os);
	return status;
}

int main(int argc, char **argv)
{
	return cli_main(&ihkosctl, argc, argv);
}
