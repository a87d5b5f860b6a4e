/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where Linux puts mcexec's own mappings.
 */
#ifndef MCEXEC_LAYOUT_H
#define MCEXEC_LAYOUT_H

/**
 * layout_check() - see to it that Linux puts what mcexec maps above the program's memory.
 * @argc:	mcexec's own
 * @argv:	mcexec's own
 *
 * Where Linux begins to look depends on what mcexec was started with. If that is too low, mcexec
 * is executed again, with the option --start that has layout_restore() undo what was changed for
 * it. To be called before anything is mapped.
 *
 * Return: 0 or -errno after a message; not at all if mcexec is executed.
 */
int layout_check(int argc, char **argv);

/**
 * layout_restore() - give back what the program is to inherit.
 * @text:	the value of --start
 *
 * Return: 0, or -EINVAL: it is none.
 */
int layout_restore(const char *text);

#endif
