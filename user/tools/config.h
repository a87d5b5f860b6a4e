/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Places that the build decides: user/Makefile defines them for PREFIX.
 */
#ifndef TOOLS_CONFIG_H
#define TOOLS_CONFIG_H

/* Where make install puts the LWK image. */
#ifndef MCK_SHARE_DIR
#define MCK_SHARE_DIR "/usr/local/share/mckernel"
#endif

#define MCK_IMAGE_NAME "mckernel.img"

/**
 * config_image() - the LWK image to load when none is named
 *
 * The environment's MCK_IMAGE; else the image in the build tree that this tool runs from;
 * else the installed one. Context: any thread. Return: a path, which need not exist.
 */
const char *config_image(void);

#endif
