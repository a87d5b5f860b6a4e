// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paths in system calls that Linux makes for a program: abi/paths.def.
 *
 * mcexec has to know of each whether it is one of the program's own files in /proc or /sys. A
 * few bytes tell, which are at hand here, but which it would have to ask Linux for.
 */
#include "lwk/sys/paths.h"

#include "abi/layout.h"
#include "lwk/include/arch.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"

const u8 path_args[SYSCALL_COUNT] = {
#define PATH_CALL(name, argument) [SYSCALL_##name] = 1 + (argument),
#include "abi/paths.def"
};

/* Return: 0 if they are not at hand, or the string may end with the page; mcexec looks then. */
static u64 head_of(vaddr_t path)
{
	u64 head = 0;
	u64 irq;

	if (path % LWK_PAGE_SIZE > LWK_PAGE_SIZE - sizeof(head))
		return 0;
	irq = arch_irq_save();
	if (user_peek(&head, path, sizeof(head)))
		head = 0;
	arch_irq_restore(irq);
	return head;
}

void path_show_head(vaddr_t path)
{
	task_current()->slot->path = head_of(path);
}
