// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that an ordinary user may not make, or makes wrong. To be run without privileges.
 */
#include <linux/reboot.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "app.h"

#define CALL(name, ...) show(#name "(" #__VA_ARGS__ ")", syscall(SYS_##name, ##__VA_ARGS__))

int main(void)
{
	CALL(reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_CAD_OFF, NULL);
	CALL(mount, "none", "/tmp", "tmpfs", 0, NULL);
	CALL(umount2, "/tmp", 0);
	CALL(pivot_root, ".", ".");
	CALL(chroot, ".");
	CALL(sethostname, "x", 1);
	CALL(setdomainname, "x", 1);
	CALL(settimeofday, "0123456789abcdef", NULL);
	CALL(init_module, NULL, 0, "");
	CALL(delete_module, "ext4", 0);
	CALL(finit_module, 0, "", 0);
	CALL(swapon, "/none", 0);
	CALL(swapoff, "/none");
	CALL(acct, "/none");
	CALL(quotactl, 0, NULL, 0, NULL);
	CALL(syslog, 5, NULL, 0);
	CALL(ioperm, 0x80, 1, 1);
	CALL(iopl, 3);
	CALL(kexec_load, 0, 0, NULL, 0);
	CALL(open_by_handle_at, -100, NULL, 0);
	CALL(setns, 0, 0);
	CALL(unshare, 0x00020000);
	CALL(bpf, 100, NULL, 0);
	CALL(vhangup);
	CALL(setpriority, 0, 0, -10);
	CALL(kill, 1, 9);
	CALL(mknod, "device", 0020600, 0x103);
	CALL(mbind, NULL, 1, 77, NULL, 0, 0);
	CALL(keyctl, 9999);
	CALL(add_key, NULL, NULL, NULL, 0, 0);
	CALL(wait4, -1, NULL, 0, NULL);
	CALL(waitid, 0, 0, NULL, 4, NULL);
	CALL(waitid, 77, 0, NULL, 4, NULL);
	return 0;
}
