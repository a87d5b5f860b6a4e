/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of ihkosctl: what an instance has (osctl_set.c), its life (osctl_run.c),
 * looking at it (osctl_look.c).
 */
#ifndef TOOLS_OSCTL_H
#define TOOLS_OSCTL_H

#include <ihk/ihk.h>

#include "cli.h"

/** osctl_open() - open the instance of a command line. Return: NULL after a message. */
struct ihk_instance *osctl_open(const struct cli_request *request);

/**
 * osctl_finish() - the end of each action
 * @os: closed here
 * @err: what the last call returned
 * Return: exit status, after a message for a failure.
 */
int osctl_finish(struct ihk_instance *os, int err);

/** osctl_assign_cpu() - action "assign cpu". Return: exit status, as all below. */
int osctl_assign_cpu(const struct cli_request *request);
/** osctl_assign_mem() - action "assign mem". */
int osctl_assign_mem(const struct cli_request *request);
/** osctl_release_cpu() - action "release cpu". */
int osctl_release_cpu(const struct cli_request *request);
/** osctl_release_mem() - action "release mem". */
int osctl_release_mem(const struct cli_request *request);
/** osctl_set_ikc_map() - action "set ikc_map". */
int osctl_set_ikc_map(const struct cli_request *request);
/** osctl_kargs() - action "kargs". */
int osctl_kargs(const struct cli_request *request);

/** osctl_load() - action "load". */
int osctl_load(const struct cli_request *request);
/** osctl_boot() - action "boot". */
int osctl_boot(const struct cli_request *request);
/** osctl_shutdown() - action "shutdown". */
int osctl_shutdown(const struct cli_request *request);
/** osctl_freeze() - action "freeze". */
int osctl_freeze(const struct cli_request *request);
/** osctl_thaw() - action "thaw". */
int osctl_thaw(const struct cli_request *request);
/** osctl_wait() - action "wait". */
int osctl_wait(const struct cli_request *request);
/** osctl_ping() - action "ping". */
int osctl_ping(const struct cli_request *request);
/** osctl_test() - action "test". */
int osctl_test(const struct cli_request *request);

/** osctl_query_cpu() - action "query cpu". */
int osctl_query_cpu(const struct cli_request *request);
/** osctl_query_mem() - action "query mem". */
int osctl_query_mem(const struct cli_request *request);
/** osctl_query_free_mem() - action "query_free_mem". */
int osctl_query_free_mem(const struct cli_request *request);
/** osctl_monitor() - action "monitor". */
int osctl_monitor(const struct cli_request *request);
/** osctl_get_ikc_map() - action "get ikc_map". */
int osctl_get_ikc_map(const struct cli_request *request);
/** osctl_get_kargs() - action "get kargs". */
int osctl_get_kargs(const struct cli_request *request);
/** osctl_get_buildid() - action "get buildid". */
int osctl_get_buildid(const struct cli_request *request);
/** osctl_get_status() - action "get status": the word alone. */
int osctl_get_status(const struct cli_request *request);
/** osctl_status() - action "status": with everything known. */
int osctl_status(const struct cli_request *request);
/** osctl_kmsg() - action "kmsg". */
int osctl_kmsg(const struct cli_request *request);
/** osctl_debug_log() - action "debug_log". */
int osctl_debug_log(const struct cli_request *request);
/** osctl_clear_kmsg() - action "clear_kmsg". */
int osctl_clear_kmsg(const struct cli_request *request);

#endif
