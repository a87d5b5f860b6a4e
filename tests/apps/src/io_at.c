// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names relative to directories: the calls whose names end in "at", openat2(2), file handles,
 * extended attributes of links, and what fanotify(7), landlock(7) and mounts by descriptor say.
 */
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sys/fanotify.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "app.h"

#define CALL(name, ...) show(#name "(" #__VA_ARGS__ ")", syscall(SYS_##name, ##__VA_ARGS__))

/* Linux 6.6 has it, 6.1 has not. */
#define FCHMODAT2 452

static int dir;

static void show_at(void)
{
	char target[64] = "";
	struct statx st;

	SHOW(mkdirat(dir, "sub", 0751));
	SHOW(mkdirat(dir, "sub", 0751));
	SHOW(mkdirat(-1, "sub", 0751));
	SHOW(mkdirat(0, "sub", 0751));
	SHOW(close(openat(dir, "file", O_CREAT | O_RDWR, 0640)));
	SHOW(linkat(dir, "file", dir, "sub/hard", 0));
	SHOW(linkat(dir, "file", dir, "sub/hard", 0));
	SHOW(linkat(dir, "file", dir, "sub/other", 0x4000));
	SHOW(symlinkat("sub/hard", dir, "link"));
	SHOW(linkat(dir, "link", dir, "followed", AT_SYMLINK_FOLLOW));
	SHOW(linkat(dir, "link", dir, "copied", 0));
	SHOW(symlinkat("", dir, "nothing"));
	SHOW(readlinkat(dir, "link", target, sizeof(target)));
	puts(target);
	SHOW(readlinkat(dir, "file", target, sizeof(target)));
	SHOW(readlinkat(dir, "link", target, 0));
	SHOW(renameat(dir, "followed", AT_FDCWD, "moved"));
	SHOW(renameat(dir, "none", dir, "sub"));
	SHOW(renameat(dir, "file", dir, "sub"));
	SHOW(mknodat(dir, "fifo", S_IFIFO | 0600, 0));
	SHOW(unlinkat(dir, "sub", 0));
	SHOW(unlinkat(dir, "sub", 64));
	SHOW(fchownat(dir, "link", 5, 6, AT_SYMLINK_NOFOLLOW));
	SHOW(utimensat(dir, "none", NULL, 0));
	SHOW(statx(dir, "link", AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &st));
	SHOW(st.stx_uid * 10 + st.stx_gid);
	SHOW(st.stx_mode);
	SHOW(statx(dir, "", AT_EMPTY_PATH, STATX_TYPE, &st));
	SHOW(statx(dir, "file", AT_STATX_SYNC_TYPE, STATX_TYPE, &st));
	SHOW(statx(dir, "file", 0, STATX__RESERVED, &st));
	SHOW(statx(dir, "file", 0, STATX_ALL, (void *)1));
}

static void show_access(void)
{
	CALL(faccessat2, dir, "file", X_OK, 0);
	CALL(faccessat2, dir, "file", R_OK, AT_EACCESS);
	CALL(faccessat2, dir, "link", F_OK, AT_SYMLINK_NOFOLLOW);
	CALL(faccessat2, dir, "", F_OK, AT_EMPTY_PATH);
	CALL(faccessat2, dir, "file", 8, 0);
	CALL(faccessat2, dir, "file", 0, 0x8000);
	show("fchmodat2(file, 0604)", syscall(FCHMODAT2, dir, "file", 0604, 0));
	show("fchmodat2(link)", syscall(FCHMODAT2, dir, "link", 0604, AT_SYMLINK_NOFOLLOW));
	show("fchmodat2(flags)", syscall(FCHMODAT2, dir, "file", 0604, 4));
	show("fchmodat2(-1)", syscall(FCHMODAT2, -1, "file", 0604, 0));
}

static long openat2_(const char *path, unsigned long flags, unsigned long resolve)
{
	struct open_how how = { .flags = flags, .resolve = resolve };
	long fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));

	if (fd >= 0)
		close((int)fd);
	return fd < 0 ? fd : 0;
}

static void show_openat2(void)
{
	unsigned long how[4] = { O_RDONLY };

	SHOW(openat2_("file", O_RDONLY, 0));
	SHOW(openat2_("link", O_RDONLY, RESOLVE_NO_SYMLINKS));
	SHOW(openat2_("../dir/file", O_RDONLY, RESOLVE_BENEATH));
	SHOW(openat2_("/file", O_RDONLY, RESOLVE_IN_ROOT));
	SHOW(openat2_("/file", O_RDONLY, RESOLVE_BENEATH));
	SHOW(openat2_("/proc/self/exe", O_RDONLY, RESOLVE_NO_MAGICLINKS));
	SHOW(openat2_("/proc/self/comm", O_RDONLY, RESOLVE_NO_XDEV));
	SHOW(openat2_("file", O_RDONLY, 0x1000));
	SHOW(openat2_("file", 1UL << 40, 0));
	CALL(openat2, dir, "file", how, 8);
	how[3] = 1;
	CALL(openat2, dir, "file", how, 32);
	CALL(openat2, dir, "file", (void *)1, 24);
}

static void show_handles(void)
{
	struct {
		struct file_handle handle;
		unsigned char bytes[128];
	} at = { .handle.handle_bytes = 0 };
	int mount_id = 0;
	int fd;

	SHOW(name_to_handle_at(dir, "file", &at.handle, &mount_id, 0));
	SHOW_TRUE(at.handle.handle_bytes > 0);
	SHOW(name_to_handle_at(dir, "file", &at.handle, &mount_id, 0));
	SHOW_TRUE(mount_id > 0);
	fd = open_by_handle_at(dir, &at.handle, O_RDONLY);
	SHOW_TRUE(fd >= 0);
	SHOW(write(fd, "x", 1));
	at.handle.handle_type = -5;
	SHOW(open_by_handle_at(dir, &at.handle, O_RDONLY));
	SHOW(open_by_handle_at(-1, &at.handle, O_RDONLY));
	SHOW(name_to_handle_at(dir, "none", &at.handle, &mount_id, 0));
}

static void show_attributes(void)
{
	int file = openat(dir, "file", O_RDWR);
	char value[16] = "";

	SHOW(lsetxattr("dir/file", "user.a", "value", 5, 0));
	SHOW(lgetxattr("dir/file", "user.a", value, sizeof(value)));
	puts(value);
	SHOW(lsetxattr("dir/link", "user.a", "v", 1, 0));
	SHOW(lsetxattr("dir/link", "trusted.a", "v", 1, 0));
	SHOW(lgetxattr("dir/link", "trusted.a", value, sizeof(value)));
	SHOW(getxattr("dir/link", "trusted.a", value, sizeof(value)));
	SHOW(llistxattr("dir/link", NULL, 0));
	SHOW(flistxattr(file, value, sizeof(value)));
	SHOW(fgetxattr(file, "user.a", value, 2));
	SHOW(lremovexattr("dir/link", "trusted.a"));
	SHOW(fremovexattr(file, "user.a"));
	SHOW(fremovexattr(file, "user.a"));
	SHOW(fsetxattr(-1, "user.a", "v", 1, 0));
}

static void show_fanotify(void)
{
	int group = fanotify_init(FAN_CLASS_NOTIF | FAN_NONBLOCK, O_RDONLY);
	struct fanotify_event_metadata event = { 0 };

	SHOW_TRUE(group >= 0);
	SHOW(fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN | FAN_EVENT_ON_CHILD, dir, NULL));
	SHOW(read(group, &event, sizeof(event)));
	close(openat(dir, "file", O_RDONLY));
	SHOW(read(group, &event, sizeof(event)));
	SHOW(event.mask);
	SHOW_TRUE(event.pid == getpid());
	SHOW(fanotify_mark(group, FAN_MARK_REMOVE, FAN_OPEN, -1, "dir"));
	SHOW(fanotify_mark(group, 0, FAN_OPEN, dir, NULL));
	SHOW(fanotify_mark(-1, FAN_MARK_ADD, FAN_OPEN, dir, NULL));
	SHOW(fanotify_init(0x4000000, 0));
	close(group);
}

/* As root in a mount namespace of the row's own. */
static void show_mounts(void)
{
	int fs = (int)syscall(SYS_fsopen, "tmpfs", 0);
	int mount;
	int tree;

	SHOW_TRUE(fs >= 0);
	CALL(fsconfig, fs, FSCONFIG_SET_STRING, "size", "65536", 0);
	CALL(fsconfig, fs, FSCONFIG_SET_STRING, "nonsense", "1", 0);
	CALL(fsconfig, fs, 99, NULL, NULL, 0);
	CALL(fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	mount = (int)syscall(SYS_fsmount, fs, 0, 0);
	SHOW_TRUE(mount >= 0);
	SHOW(mkdirat(dir, "mounted", 0755));
	CALL(move_mount, mount, "", dir, "mounted", MOVE_MOUNT_F_EMPTY_PATH);
	SHOW(close(openat(dir, "mounted/inside", O_CREAT | O_RDWR, 0644)));
	tree = (int)syscall(SYS_open_tree, dir, "mounted", OPEN_TREE_CLONE);
	SHOW_TRUE(tree >= 0);
	SHOW(faccessat(tree, "inside", F_OK, 0));
	CALL(open_tree, dir, "none", 0);
	CALL(open_tree, dir, "mounted", 0x100000);
	CALL(fsopen, "no such file system", 0);
	CALL(fspick, dir, "sub", 0);
	CALL(move_mount, -1, "", dir, "sub", MOVE_MOUNT_F_EMPTY_PATH);
	close(tree);
	close(mount);
	close(fs);
	CALL(umount2, "dir/mounted", 0);
}

/* Last: it cannot be undone. Kernels may be without it. */
static void show_landlock(void)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = LANDLOCK_ACCESS_FS_WRITE_FILE };
	struct landlock_path_beneath_attr rule = {
		.allowed_access = LANDLOCK_ACCESS_FS_WRITE_FILE,
		.parent_fd = openat(dir, "sub", O_PATH),
	};
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);

	SHOW_TRUE(ruleset >= 0);
	CALL(landlock_create_ruleset, NULL, 0, 64);
	CALL(landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	CALL(landlock_add_rule, ruleset, 77, &rule, 0);
	CALL(landlock_add_rule, -1, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	MUST(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	CALL(landlock_restrict_self, ruleset, 0);
	CALL(landlock_restrict_self, -1, 0);
	SHOW(openat(dir, "file", O_WRONLY) >= 0);
	SHOW(openat(dir, "sub/hard", O_WRONLY) >= 0);
	SHOW(openat(dir, "file", O_RDONLY) >= 0);
}

int main(void)
{
	MUST(!mkdir("dir", 0755));
	dir = open("dir", O_RDONLY | O_DIRECTORY);
	MUST(dir >= 0);
	show_at();
	show_access();
	show_openat2();
	show_handles();
	show_attributes();
	show_fanotify();
	show_mounts();
	show_landlock();
	return 0;
}
