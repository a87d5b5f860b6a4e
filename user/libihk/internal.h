/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside of libihk: open devices, requests on them, the error sentence.
 *
 * abi/ comes before the public header: there the states are enumerators, here macros
 * of the same names and values, which names.c checks.
 */
#ifndef LIBIHK_INTERNAL_H
#define LIBIHK_INTERNAL_H

#include <pthread.h>
#include <stdbool.h>

#include "abi/ihk_ioctl.h"

#include <ihk/ihk.h>

#define EXPORT __attribute__((visibility("default")))

#define HANDLE_MAX_FDS 16
#define HANDLE_PATH_LEN 32

/**
 * struct ihk_handle - an open device node
 * @path:	its name; set at creation
 * @lock:	protects the fields below
 * @idle:	signalled when a descriptor is put back
 * @fds:	open descriptors
 * @busy:	which of them a thread uses
 * @nfds:	entries of both
 *
 * The module keeps the sentence that explains a failure with the open file, so each
 * request borrows a descriptor for itself. The first is opened with the handle;
 * more are opened as threads need them at the same time.
 */
struct ihk_handle {
	char path[HANDLE_PATH_LEN];
	pthread_mutex_t lock;
	pthread_cond_t idle;
	int fds[HANDLE_MAX_FDS];
	bool busy[HANDLE_MAX_FDS];
	int nfds;
};

struct ihk_dev {
	struct ihk_handle handle;
};

struct ihk_instance {
	struct ihk_handle handle;
	int index;
};

/**
 * error_keep() - keep the sentence for ihk_error() of this thread; errno stays
 * @owner: the handle's object, or NULL
 * @fmt: one sentence without full stop and newline
 * Context: any thread.
 */
void error_keep(const void *owner, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The same, with a negative errno as its value: a macro, so that analysers see the value. */
#define error_set(owner, err, ...) (error_keep(owner, __VA_ARGS__), (err))

/** error_is_of() - was the thread's last failed call on this object? */
bool error_is_of(const void *owner);

/**
 * handle_open() - open a device node and compare build ids
 * @handle: initialised
 * @path: of the node
 * @flags: IHK_OPEN_*
 * Return: 0 or -errno, without a sentence for -ENOENT.
 */
int handle_open(struct ihk_handle *handle, const char *path, unsigned int flags);

/** handle_close() - close all descriptors; no thread uses the handle. */
void handle_close(struct ihk_handle *handle);

/**
 * handle_call() - make a request; on failure keep the module's sentence
 * @handle: open
 * @request: IHK_IOC_*
 * @arg: its argument, a pointer or a number
 * @what: for "cannot ...", should the module not have explained
 * Context: any thread; sleeps. Return: what ioctl(2) returns, or -errno.
 */
int handle_call(struct ihk_handle *handle, unsigned int request, void *arg, const char *what);

/** handle_open_again() - a descriptor of the same node for the caller. Return: it, or -errno. */
int handle_open_again(struct ihk_handle *handle);

/** handle_explain() - keep the sentence for a request that failed on a descriptor. */
int handle_explain(struct ihk_handle *handle, int fd, int err, const char *what);

/** handle_send() - make a request with a list that goes in. Return: 0 or -errno. */
int handle_send(struct ihk_handle *handle, unsigned int request, const void *items, int n,
		const char *what);

/** handle_fetch() - make a request with a list that comes out. Return: its length, -errno. */
int handle_fetch(struct ihk_handle *handle, unsigned int request, void *items, int max,
		 const char *what);

/** handle_text() - make a request for NUL-terminated text. Return: 0 or -errno. */
int handle_text(struct ihk_handle *handle, unsigned int request, char *buf, size_t size,
		const char *what);

/** handle_send_cpus() - handle_send() of CPU numbers, checked. */
int handle_send_cpus(struct ihk_handle *handle, unsigned int request, const int *cpus, int n,
		     const char *what);

/** handle_fetch_cpus() - handle_fetch() of a CPU query. */
int handle_fetch_cpus(struct ihk_handle *handle, unsigned int request,
		      struct ihk_cpu_info *cpus, int max);

/**
 * wire_mem() - amounts of memory as the module takes them
 * @handle: for error_set()
 * @chunks: the amounts
 * @n: how many
 * @expand: the request takes no IHK_ANY_NODE: put all of each node in the place of all of any
 * @wire: the result, to be freed; NULL on failure
 * @what: for messages
 * Context: any thread. Return: entries of @wire, or -errno.
 */
int wire_mem(struct ihk_handle *handle, const struct ihk_mem_chunk *chunks, int n, bool expand,
	     struct ihk_ioc_mem **wire, const char *what);

/** handle_send_mem() - handle_send() of wire_mem(). */
int handle_send_mem(struct ihk_handle *handle, unsigned int request,
		    const struct ihk_mem_chunk *chunks, int n, bool expand, const char *what);

/** handle_fetch_mem() - handle_fetch() of a memory query. */
int handle_fetch_mem(struct ihk_handle *handle, unsigned int request, struct ihk_mem_info *mem,
		     int max);

/** check_list() - is this a list that may be sent? Return: 0, -EFAULT, -EINVAL, -E2BIG. */
int check_list(const void *owner, const void *items, int n, int max, const char *what);

#endif
