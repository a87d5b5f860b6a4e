/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /dev/mcosN: the way to the LWK. All functions print why they fail.
 */
#ifndef MCEXEC_DEVICE_H
#define MCEXEC_DEVICE_H

/**
 * device_open() - open the node of an LWK
 * @os:		its number
 *
 * Context: main thread. Return: hidden file descriptor, or -errno.
 */
int device_open(int os);

/**
 * device_create_proxy() - make the caller the proxy of a new process
 * @device:	the node
 * @os:		its number
 *
 * Context: main thread. Return: hidden file descriptor of the proxy's file, or -errno.
 */
int device_create_proxy(int device, int os);

/**
 * device_tell_lost() - say that the process on the LWK is lost, and why
 * @device:	the node
 * @os:		its number
 * @err:	what the proxy's file said
 *
 * Context: a twin.
 */
void device_tell_lost(int device, int os, int err);

#endif
