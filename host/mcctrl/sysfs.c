// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/devices/virtual/ihk/mcosN/sys/: what the LWK says of itself, and of the machine as its
 * programs see it, abi/sysfs.def.
 *
 * A folder is a kobject, and keeps the one above it. The attributes may be freed when the folders
 * are gone from sysfs, which waits for readers.
 */
#include <linux/kobject.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "peer.h"

#define ROOT "sys/"
#define LINUX_ROOT ROOT "linux/"
#define MAX_FOLDER 64

/* Those of Linux's numbers behind the others. */
enum per { ONE, CPU, NODE, LINUX_ONE, LINUX_CPU, LINUX_NODE, LINUX_CACHE, PER_COUNT };

static const struct row {
	enum per per;
	const char *folder;
	const char *name;
	umode_t mode;
} rows[] = {
#define SYSFS_FILE(number, per, folder, name, handler) [number] = { per, folder, name, 0444 },
#define SYSFS_FILE_RW(number, per, folder, name, handler) [number] = { per, folder, name, 0644 },
#include "abi/sysfs.def"
};

/** struct sysfs_folder - a folder; in sysfs->folders */
struct sysfs_folder {
	struct kobject kobj;
	struct list_head link;
};

/**
 * struct sysfs_file - a file
 * @attr:	what sysfs knows of it
 * @peer:	its LWK
 * @number:	in abi/sysfs.def
 * @index:	CPU, node or cache; struct msg_file
 * @link:	in sysfs->files
 */
struct sysfs_file {
	struct attribute attr;
	struct peer *peer;
	u32 number;
	u32 index;
	struct list_head link;
};

/**
 * struct sysfs - all of an LWK
 * @folders:	those above others first
 * @files:	in no order
 * @path:	of the folder that was asked for last
 * @at:		that folder, or NULL
 * @numbers:	how Linux counts
 */
struct sysfs {
	struct list_head folders;
	struct list_head files;
	char path[MAX_FOLDER];
	struct kobject *at;
	struct ihk_os_numbers numbers;
};

static int call(const struct sysfs_file *file, u32 msg, char *text, u32 len)
{
	const struct file_call how = {
		.peer = file->peer,
		.msg = msg,
		.answer = IKC_MSG_SYSFS_ANSWER,
		.store = msg == IKC_MSG_SYSFS_REQ_STORE,
	};
	const struct msg_file what = { .pid = file->index, .file = file->number, .len = len };

	return file_request(&how, &what, text);
}

static ssize_t file_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	const struct sysfs_file *file = container_of(attr, struct sysfs_file, attr);

	return call(file, IKC_MSG_SYSFS_REQ_SHOW, buf, PAGE_SIZE - 1);
}

static ssize_t file_store(struct kobject *kobj, struct attribute *attr, const char *buf,
			  size_t len)
{
	const struct sysfs_file *file = container_of(attr, struct sysfs_file, attr);

	return call(file, IKC_MSG_SYSFS_REQ_STORE, (char *)buf, min_t(size_t, len, PAGE_SIZE));
}

static const struct sysfs_ops file_ops = { .show = file_show, .store = file_store };

static void folder_release(struct kobject *kobj)
{
	kfree(container_of(kobj, struct sysfs_folder, kobj));
}

static const struct kobj_type folder_type = {
	.release = folder_release,
	.sysfs_ops = &file_ops,
};

static struct kobject *folder_find(struct sysfs *sysfs, const struct kobject *above,
				   const char *name)
{
	struct sysfs_folder *folder;

	list_for_each_entry(folder, &sysfs->folders, link) {
		if (folder->kobj.parent == above && !strcmp(kobject_name(&folder->kobj), name))
			return &folder->kobj;
	}
	return NULL;
}

/* Returns NULL without memory. */
static struct kobject *folder_make(struct sysfs *sysfs, struct kobject *above, const char *name)
{
	struct sysfs_folder *folder = kzalloc(sizeof(*folder), GFP_KERNEL);

	if (!folder)
		return NULL;
	if (kobject_init_and_add(&folder->kobj, &folder_type, above, "%s", name)) {
		kobject_put(&folder->kobj);
		return NULL;
	}
	list_add_tail(&folder->link, &sysfs->folders);
	return &folder->kobj;
}

/* The folder of this path, made as far as it is not there. Returns NULL without memory. */
static struct kobject *folder_get(struct sysfs *sysfs, struct kobject *top, const char *path)
{
	char parts[MAX_FOLDER];
	char *rest = parts;
	const char *name;

	/* Files of one folder come one after the other. */
	if (sysfs->at && !strcmp(sysfs->path, path))
		return sysfs->at;
	strscpy(sysfs->path, path, sizeof(sysfs->path));
	strscpy(parts, path, sizeof(parts));
	sysfs->at = top;
	while (sysfs->at && (name = strsep(&rest, "/"))) {
		struct kobject *found = folder_find(sysfs, sysfs->at, name);

		sysfs->at = found ? found : folder_make(sysfs, sysfs->at, name);
	}
	return sysfs->at;
}

static void folder_path(const struct sysfs *sysfs, const struct row *row, u32 index,
			char path[MAX_FOLDER])
{
	u32 number = index;
	size_t len;

	if (row->per == LINUX_CPU)
		number = sysfs->numbers.cpus[index];
	else if (row->per == LINUX_NODE)
		number = sysfs->numbers.nodes[index];
	else if (row->per == LINUX_CACHE)
		number = sysfs->numbers.cpus[index / IHK_MAX_CACHES];
	len = strscpy(path, row->per < LINUX_ONE ? ROOT : LINUX_ROOT, MAX_FOLDER);
	/* The folders of the table are formats, of two numbers at most. */
	snprintf(path + len, MAX_FOLDER - len, row->folder, number, index % IHK_MAX_CACHES);
}

static int file_make(struct sysfs *sysfs, struct peer *peer, u32 number, u32 index)
{
	const struct row *row = &rows[number];
	char path[MAX_FOLDER];
	struct kobject *folder;
	struct sysfs_file *file;
	int err;

	folder_path(sysfs, row, index, path);
	folder = folder_get(sysfs, ihk_os_kobject(peer->ihk), path);
	file = kzalloc(sizeof(*file), GFP_KERNEL);
	if (!folder || !file) {
		kfree(file);
		return -ENOMEM;
	}
	sysfs_attr_init(&file->attr);
	file->attr.name = row->name;
	file->attr.mode = row->mode;
	file->peer = peer;
	file->number = number;
	file->index = index;
	err = sysfs_create_file(folder, &file->attr);
	if (err)
		kfree(file);
	else
		list_add_tail(&file->link, &sysfs->files);
	return err;
}

/* All files that one CPU, node or cache has. */
static int files_make_of(struct sysfs *sysfs, struct peer *peer, enum per per, u32 index)
{
	u32 number;
	int err = 0;

	if (per == LINUX_CACHE &&
	    index % IHK_MAX_CACHES >= peer->cpus[index / IHK_MAX_CACHES].ncaches)
		return 0;
	for (number = 0; number < ARRAY_SIZE(rows) && !err; number++) {
		if (rows[number].name && rows[number].per == per)
			err = file_make(sysfs, peer, number, index);
	}
	return err;
}

static int files_make(struct sysfs *sysfs, struct peer *peer)
{
	const u32 counts[PER_COUNT] = {
		[ONE] = 1,
		[CPU] = sysfs->numbers.ncpus,
		[NODE] = sysfs->numbers.nnodes,
		[LINUX_ONE] = 1,
		[LINUX_CPU] = sysfs->numbers.ncpus,
		[LINUX_NODE] = sysfs->numbers.nnodes,
		[LINUX_CACHE] = sysfs->numbers.ncpus * IHK_MAX_CACHES,
	};
	u32 index;
	int per;
	int err = 0;

	for (per = 0; per < PER_COUNT && !err; per++) {
		for (index = 0; index < counts[per] && !err; index++)
			err = files_make_of(sysfs, peer, per, index);
	}
	return err;
}

/* Between the folders of a CPU and its node, which are there. */
static int link_cpu(struct sysfs *sysfs, struct peer *peer, u32 cpu, u32 node)
{
	struct kobject *top = ihk_os_kobject(peer->ihk);
	char cpu_path[MAX_FOLDER], node_path[MAX_FOLDER];
	struct kobject *cpu_folder, *node_folder;
	int err;

	snprintf(cpu_path, sizeof(cpu_path), LINUX_ROOT "devices/system/cpu/cpu%u", cpu);
	snprintf(node_path, sizeof(node_path), LINUX_ROOT "devices/system/node/node%u", node);
	cpu_folder = folder_get(sysfs, top, cpu_path);
	node_folder = folder_get(sysfs, top, node_path);
	if (!cpu_folder || !node_folder)
		return -ENOMEM;
	err = sysfs_create_link(cpu_folder, node_folder, kobject_name(node_folder));
	if (err)
		return err;
	return sysfs_create_link(node_folder, cpu_folder, kobject_name(cpu_folder));
}

static int links_make(struct sysfs *sysfs, struct peer *peer)
{
	const struct ihk_os_numbers *numbers = &sysfs->numbers;
	u32 i;
	int err = 0;

	for (i = 0; i < numbers->ncpus && !err; i++)
		err = link_cpu(sysfs, peer, numbers->cpus[i], numbers->cpu_nodes[i]);
	return err;
}

void sysfs_peer_add(struct peer *peer)
{
	struct sysfs *sysfs = kvzalloc(sizeof(*sysfs), GFP_KERNEL);

	if (!sysfs)
		return;
	INIT_LIST_HEAD(&sysfs->folders);
	INIT_LIST_HEAD(&sysfs->files);
	/* Another boot's numbers say that ours is over. */
	if (ihk_os_numbers(peer->ihk, &sysfs->numbers) || sysfs->numbers.ncpus != peer->ncpus) {
		kvfree(sysfs);
		return;
	}
	peer->sysfs = sysfs;
	/* Programs run without these files, too. */
	if (files_make(sysfs, peer) || links_make(sysfs, peer))
		sysfs_peer_remove(peer);
}

static void release_files(struct sysfs *sysfs)
{
	struct sysfs_file *file, *next;
	char none;

	list_for_each_entry_safe(file, next, &sysfs->files, link) {
		if (!peer_is_dead(file->peer))
			call(file, IKC_MSG_SYSFS_REQ_RELEASE, &none, 0);
		kfree(file);
	}
}

void sysfs_peer_remove(struct peer *peer)
{
	struct sysfs *sysfs = peer->sysfs;
	struct sysfs_folder *folder, *next;

	if (!sysfs)
		return;
	peer->sysfs = NULL;
	list_for_each_entry_reverse(folder, &sysfs->folders, link)
		kobject_del(&folder->kobj);
	release_files(sysfs);
	list_for_each_entry_safe_reverse(folder, next, &sysfs->folders, link)
		kobject_put(&folder->kobj);
	kvfree(sysfs);
}
