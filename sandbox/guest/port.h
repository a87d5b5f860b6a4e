/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Serves one virtio-serial port: one command of the driver at a time.
 */
#ifndef SANDBOX_GUEST_PORT_H
#define SANDBOX_GUEST_PORT_H

/**
 * port_serve - run the commands that come through a port, for ever
 * @path: the port's device file
 *
 * Context: a process of its own; takes over SIGCHLD and SIGIO.
 * Return: a negative errno when the port cannot be used.
 */
int port_serve(const char *path);

#endif
