/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The functions of the older ihklib, by number of device and OS instance, thin over
 * ihk.h. Names, parameters and return values are those that programs were written for.
 *
 * All may be called from any thread. They return 0 or a count, or a negative errno, which
 * ihk_error() explains. Besides what the module refuses: -ENOENT for a number that does not
 * exist, -EFAULT for a NULL list, -EINVAL for a count that does not fit.
 *
 * "env" is a buffer of num_env strings, one behind the other, each NAME=VALUE and closed by
 * a NUL: IHK_CPUS, IHK_MEM, IHK_IKC_MAP, IHK_KARGS, and for ihk_reserve_mem_conf_str() the
 * names in its comment.
 *
 * Left out, because the LWK has nothing behind them: ihk_os_getrusage, ihk_os_setperfevent,
 * ihk_os_perfctl, ihk_os_getperfevent, ihk_os_makedumpfile. ihk_set_loglevel is left out
 * because the library logs nothing.
 */
#ifndef IHK_IHKLIB_H
#define IHK_IHKLIB_H

#include <ihk/ihk.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Older names. */
#define IHK_MAX_NUM_CPUS IHK_MAX_CPUS
#define IHK_MAX_NUM_MEM_CHUNKS IHK_MAX_CHUNKS
#define IHK_MAX_NUM_OS_INSTANCES IHK_MAX_OS
#define IHK_MAX_NUM_ENV 1024
#define IHK_MAX_SIZE_ENV (1U << 20)
#define IHK_MAX_SIZE_ERR_MSG 4096
#define IHK_OS_EVENTFD_TYPE_OOM IHK_EVENT_OOM
#define IHK_OS_EVENTFD_TYPE_STATUS IHK_EVENT_STATUS
#define IHK_OS_EVENTFD_TYPE_KMSG IHK_EVENT_KMSG

/* Keys of ihk_reserve_mem_conf(); each value is an int. */
#define IHK_RESERVE_MEM_BALANCED_ENABLE 0	/* the same amount on every node */
#define IHK_RESERVE_MEM_BALANCED_BEST_EFFORT 1	/* less than asked for is no error */
#define IHK_RESERVE_MEM_BALANCED_VARIANCE_LIMIT 2 /* %; balanced amounts are equal anyhow */
#define IHK_RESERVE_MEM_MIN_CHUNK_SIZE 3	/* bytes */
#define IHK_RESERVE_MEM_MAX_SIZE_RATIO_ALL 4	/* % of a node's free memory for ALL */
#define IHK_RESERVE_MEM_TIMEOUT 5		/* seconds */

/*
 * The machine
 */

/** ihk_reserve_cpu() - take CPUs from Linux. */
int ihk_reserve_cpu(int index, int *cpus, int num_cpus);
/** ihk_reserve_cpu_str() - the same, from IHK_CPUS. */
int ihk_reserve_cpu_str(int index, const char *env, int num_env);
/** ihk_get_num_reserved_cpus() - how many are reserved and not assigned. */
int ihk_get_num_reserved_cpus(int index);
/** ihk_query_cpu() - list them; @num_cpus must be how many there are. */
int ihk_query_cpu(int index, int *cpus, int num_cpus);
/** ihk_release_cpu() - give CPUs back to Linux. */
int ihk_release_cpu(int index, int *cpus, int num_cpus);

/**
 * ihk_reserve_mem_conf() - how the calling thread's next ihk_reserve_mem() takes memory
 * @index:	device
 * @key:	IHK_RESERVE_MEM_*
 * @value:	points to an int
 *
 * Settings return to the defaults after that call. Return: 0, -EFAULT, -EINVAL, -ENOENT.
 */
int ihk_reserve_mem_conf(int index, int key, void *value);
/**
 * ihk_reserve_mem_conf_str() - all such settings, from the environment
 * @index:	device
 * @env:	IHK_RESERVE_MEM_BALANCED_ENABLE, _BALANCED_BEST_EFFORT,
 *		_BALANCED_VARIANCE_LIMIT, _MIN_CHUNK_SIZE, _MAX_SIZE_RATIO_ALL, _TIMEOUT
 * @num_env:	strings in @env
 *
 * Return: 0, -EFAULT, -EINVAL, -ENOENT.
 */
int ihk_reserve_mem_conf_str(int index, const char *env, int num_env);
/** ihk_reserve_mem() - take memory from Linux. */
int ihk_reserve_mem(int index, struct ihk_mem_chunk *mem_chunks, int num_mem_chunks);
/** ihk_reserve_mem_str() - the same, from IHK_MEM. */
int ihk_reserve_mem_str(int index, const char *env, int num_env);
/** ihk_get_num_reserved_mem_chunks() - how many pieces are reserved and not assigned. */
int ihk_get_num_reserved_mem_chunks(int index);
/** ihk_query_mem() - list them; @num_mem_chunks must be how many there are. */
int ihk_query_mem(int index, struct ihk_mem_chunk *mem_chunks, int num_mem_chunks);
/** ihk_release_mem() - give memory back to Linux; a size of -1 is all of the node. */
int ihk_release_mem(int index, struct ihk_mem_chunk *mem_chunks, int num_mem_chunks);

/** ihk_create_os() - create an OS instance. Return: its number. */
int ihk_create_os(int index);
/**
 * ihk_create_os_str() - reserve, create, assign, map, load, set arguments; or nothing
 * @dev_index:	device
 * @os_index:	number of the new instance
 * @env:	IHK_CPUS and IHK_MEM; optionally IHK_IKC_MAP and IHK_KARGS
 * @num_env:	strings in @env
 * @kernel_image: file name
 * @default_kargs: kernel arguments without IHK_KARGS, or NULL
 * @err_msg:	IHK_MAX_SIZE_ERR_MSG bytes for the explanation of a failure, or NULL
 *
 * Whatever was done is undone when a step fails; undoing "ALL" gives back all memory of the
 * node that no instance has. Return: 0 or -errno.
 */
int ihk_create_os_str(int dev_index, int *os_index, const char *env, int num_env,
		      const char *kernel_image, const char *default_kargs, char *err_msg);
/** ihk_get_num_os_instances() - how many OS instances there are. */
int ihk_get_num_os_instances(int index);
/** ihk_get_os_instances() - list them; @num_os_instances must be how many there are. */
int ihk_get_os_instances(int index, int *indices, int num_os_instances);
/** ihk_destroy_os() - remove an OS instance that does not run. */
int ihk_destroy_os(int dev_index, int os_index);

/*
 * One OS instance
 */

/** ihk_os_assign_cpu() - give it reserved CPUs. */
int ihk_os_assign_cpu(int index, int *cpus, int num_cpus);
/** ihk_os_assign_cpu_str() - the same, from IHK_CPUS. */
int ihk_os_assign_cpu_str(int index, const char *env, int num_env);
/** ihk_os_get_num_assigned_cpus() - how many it has. */
int ihk_os_get_num_assigned_cpus(int index);
/** ihk_os_query_cpu() - list them; @num_cpus must be how many there are. */
int ihk_os_query_cpu(int index, int *cpus, int num_cpus);
/** ihk_os_release_cpu() - take CPUs back; they stay reserved. */
int ihk_os_release_cpu(int index, int *cpus, int num_cpus);

/** ihk_os_set_ikc_map() - say which Linux CPU serves which of its CPUs. */
int ihk_os_set_ikc_map(int index, struct ihk_ikc_cpu_map *map, int num_cpus);
/** ihk_os_set_ikc_map_str() - the same, from IHK_IKC_MAP. */
int ihk_os_set_ikc_map_str(int index, const char *env, int num_env);
/** ihk_os_get_ikc_map() - read the map; @num_cpus must be how many CPUs it has. */
int ihk_os_get_ikc_map(int index, struct ihk_ikc_cpu_map *map, int num_cpus);

/** ihk_os_assign_mem() - give it reserved memory. */
int ihk_os_assign_mem(int index, struct ihk_mem_chunk *mem_chunks, int num_mem_chunks);
/** ihk_os_get_num_assigned_mem_chunks() - how many pieces it has. */
int ihk_os_get_num_assigned_mem_chunks(int index);
/** ihk_os_query_mem() - list them; @num_mem_chunks must be how many there are. */
int ihk_os_query_mem(int index, struct ihk_mem_chunk *mem_chunks, int num_mem_chunks);
/** ihk_os_release_mem() - take memory back; it stays reserved. */
int ihk_os_release_mem(int index, struct ihk_mem_chunk *mem_chunks, int num_mem_chunks);

/** ihk_os_load() - load an LWK image. */
int ihk_os_load(int index, const char *image);
/** ihk_os_kargs() - set the kernel arguments. */
int ihk_os_kargs(int index, const char *kargs);
/** ihk_os_kargs_str() - the same, from IHK_KARGS, or else @default_kargs, which may be NULL. */
int ihk_os_kargs_str(int index, const char *env, int num_env, const char *default_kargs);
/** ihk_os_boot() - start the LWK; returns when it is RUNNING. */
int ihk_os_boot(int index);
/** ihk_os_shutdown() - stop the LWK; returns when it is INACTIVE. */
int ihk_os_shutdown(int index);
/** ihk_os_get_status() - its state. Return: IHK_STATUS_*. */
int ihk_os_get_status(int index);

/** ihk_os_get_kmsg_size() - bytes that its log has at most. */
long ihk_os_get_kmsg_size(int index);
/** ihk_os_kmsg() - copy its log, NUL-terminated if there is room. Return: bytes, without NUL. */
long ihk_os_kmsg(int index, char *kmsg, long sz_kmsg);
/** ihk_os_clear_kmsg() - forget its log so far. */
int ihk_os_clear_kmsg(int index);

/**
 * ihk_os_get_eventfd() - an eventfd that is signalled when something happens
 * @index:	OS instance
 * @type:	IHK_OS_EVENTFD_TYPE_*
 *
 * The library keeps the instance's device open from the first such call on, so that events go
 * on; ihk_instance_eventfd() leaves that to the caller. Return: the eventfd, or -errno:
 * -EOPNOTSUPP for IHK_OS_EVENTFD_TYPE_OOM, which no LWK reports.
 */
int ihk_os_get_eventfd(int index, int type);

/** ihk_os_get_num_numa_nodes() - nodes of the running LWK. */
int ihk_os_get_num_numa_nodes(int index);
/** ihk_os_query_free_mem() - free bytes of each; @num_numa_nodes must be how many there are. */
int ihk_os_query_free_mem(int index, unsigned long *memfree, int num_numa_nodes);
/** ihk_os_query_total_mem() - bytes of each; @num_numa_nodes must be how many there are. */
int ihk_os_query_total_mem(int index, unsigned long *memtotal, int num_numa_nodes);

/** ihk_os_get_num_pagesizes() - how many page sizes the LWK uses: 3. */
int ihk_os_get_num_pagesizes(int index);
/** ihk_os_get_pagesizes() - list them in bytes; @num_pgsizes must be how many there are. */
int ihk_os_get_pagesizes(int index, long *pgsizes, int num_pgsizes);

/**
 * ihk_os_freeze() - halt instances where they are
 * @os_set:	bit N of word N / 64 is OS instance N
 * @n:		bits in @os_set
 *
 * When one cannot be frozen, those that were are thawed again. Return: 0 or -errno.
 */
int ihk_os_freeze(unsigned long *os_set, int n);
/** ihk_os_thaw() - let them go on, all that can. Return: 0, or the first -errno. */
int ihk_os_thaw(unsigned long *os_set, int n);

#ifdef __cplusplus
}
#endif

#endif
