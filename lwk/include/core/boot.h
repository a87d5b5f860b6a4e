/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the host said at boot, checked, and the fields that both sides watch.
 *
 * boot_fixed() is a private copy, made and checked once; the shared block is
 * used for the live fields of abi/boot.h only.
 */
#ifndef LWK_CORE_BOOT_H
#define LWK_CORE_BOOT_H

#include "abi/boot.h"
#include "lwk/include/compiler.h"

/**
 * boot_init() - check what the host hands over.
 * @block: the boot block, in the direct map
 *
 * Panics with the field's name if anything is wrong.
 *
 * Context: first CPU, once, traps are up.
 */
void boot_init(struct boot_block *block);

/**
 * boot_fixed() - the private copy of the boot block.
 *
 * Context: any, after boot_init().
 * Return: the copy; live fields in it are meaningless.
 */
const struct boot_block *boot_fixed(void);

/**
 * boot_shared() - the boot block itself, for live fields.
 *
 * Context: any.
 * Return: the block, or NULL before its head was found sound.
 */
struct boot_block *boot_shared(void);

/**
 * boot_part() - memory that the boot block names by offset.
 * @off: one of the offsets in boot_fixed(), or inside what it names
 *
 * Context: any, after boot_init().
 * Return: where it is.
 */
void *boot_part(u64 off);

/**
 * boot_command() - what the host wants now.
 *
 * Context: any, also NMI.
 * Return: BOOT_COMMAND_*.
 */
u32 boot_command(void);

/**
 * boot_set_status() - tell the host how far this boot is.
 * @status: BOOT_STATUS_*, more than before
 *
 * Context: any. Release: partner is the host's load with acquire.
 */
void boot_set_status(u32 status);

#endif
