/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System V shared memory of the program: the proxy attaches it at the LWK's address.
 */
#ifndef MCEXEC_SHM_H
#define MCEXEC_SHM_H

#include "abi/types.h"

/**
 * shm_length() - OFFLOAD_NR_SHM_LEN: how much address space does a segment take?
 * @id: shmid
 * @flags: of shmat(2)
 *
 * Return: bytes, not rounded, or -errno, also if the caller may not attach it so.
 */
s64 shm_length(u64 id, u64 flags);

/**
 * shm_attach() - shmat(2) over whatever is there.
 * @args: shmid, address, flags, bytes that the LWK has made room for
 *
 * Return: the address or -errno; -EINVAL if the segment wants more room than that.
 */
s64 shm_attach(const u64 *args);

#endif
