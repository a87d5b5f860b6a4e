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

#define ROOT "sys"
#define MAX_FOLDER 64

enum per { ONE, CPU, NODE, LINUX_CPU, LINUX_NODE };

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
 * @index:	CPU or node
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
 * @files:	in the order of the table
 */
struct sysfs {
	struct list_head folders;
	struct list_head files;
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

/* The folder of this path, made as far as it is not there. @path is cut up. */
static struct kobject *folder_get(struct sysfs *sysfs, struct kobject *top, char *path)
{
	struct kobject *at = top;
	const char *name;

	while (at && (name = strsep(&path, "/"))) {
		struct kobject *found = folder_find(sysfs, at, name);

		at = found ? found : folder_make(sysfs, at, name);
	}
	return at;
}

/* What a CPU or a node is called in the names of folders. */
static int folder_number(const struct peer *peer, enum per per, u32 index)
{
	switch (per) {
	case LINUX_CPU:
		return ihk_os_linux_cpu(peer->ihk, index);
	case LINUX_NODE:
		return ihk_os_linux_node(peer->ihk, index);
	default:
		return index;
	}
}

static int file_make(struct sysfs *sysfs, struct peer *peer, u32 number, u32 index)
{
	const struct row *row = &rows[number];
	const int named = folder_number(peer, row->per, index);
	char path[MAX_FOLDER] = ROOT "/";
	struct kobject *folder;
	struct sysfs_file *file;
	int err;

	if (named < 0)
		return -ENODEV;
	/* The folders of the table are formats, of one number at most. */
	snprintf(path + strlen(path), sizeof(path) - strlen(path), row->folder, named);
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

static u32 count_of(const struct peer *peer, enum per per)
{
	switch (per) {
	case CPU:
	case LINUX_CPU:
		return peer->ncpus;
	case NODE:
	case LINUX_NODE:
		return ihk_os_nnodes(peer->ihk);
	default:
		return 1;
	}
}

static int files_make(struct sysfs *sysfs, struct peer *peer)
{
	u32 number, index, count;
	int err = 0;

	for (number = 0; number < ARRAY_SIZE(rows) && !err; number++) {
		count = rows[number].name ? count_of(peer, rows[number].per) : 0;
		for (index = 0; index < count && !err; index++)
			err = file_make(sysfs, peer, number, index);
	}
	return err;
}

void sysfs_peer_add(struct peer *peer)
{
	struct sysfs *sysfs = kzalloc(sizeof(*sysfs), GFP_KERNEL);

	if (!sysfs)
		return;
	INIT_LIST_HEAD(&sysfs->folders);
	INIT_LIST_HEAD(&sysfs->files);
	peer->sysfs = sysfs;
	/* Programs run without these files, too. */
	if (files_make(sysfs, peer))
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
	kfree(sysfs);
}
