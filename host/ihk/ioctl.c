// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the requests of both device nodes have in common: dispatch by table,
 * copying arguments and lists between user and kernel, the error sentence.
 *
 * An argument is copied in once, checked there and used there; its size is part
 * of the request's number, which must match as a whole.
 */
#define pr_fmt(fmt) "ihk: " fmt

#include "partition.h"

#include <linux/capability.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "build_id.h"

static_assert(sizeof(MCK_BUILD_ID) <= IHK_BUILD_ID_LEN);

/* Room for the largest argument. */
union ihk_arg {
	struct ihk_ioc_status status;
	struct ihk_ioc_test test;
	struct ihk_ioc_ping ping;
	struct ihk_ioc_reserve_mem reserve_mem;
	unsigned long integer;
};

static u32 cmd_size(u32 cmd)
{
	return (cmd >> 16) & 0x3fff;
}

static int get_buildid(struct ihk_file *file, void *arg)
{
	return ihk_blob_put(arg, MCK_BUILD_ID);
}

static int get_error(struct ihk_file *file, void *arg)
{
	char text[IHK_ERROR_LEN];

	spin_lock(&file->lock);
	memcpy(text, file->error, sizeof(text));
	spin_unlock(&file->lock);
	return ihk_blob_put(arg, text);
}

static const struct ihk_ioctl common_rows[] = {
	{ IHK_IOC_GET_BUILDID, false, get_buildid },
	{ IHK_IOC_GET_ERROR, false, get_error },
};

static const struct ihk_ioctl *find_row(const struct ihk_ioctl *rows, size_t nrows, u32 cmd)
{
	size_t i;

	for (i = 0; i < nrows; i++)
		if (rows[i].cmd == cmd)
			return &rows[i];
	return NULL;
}

/* Copies the argument in, calls the handler, copies the argument out. */
static int run_row(struct ihk_file *file, const struct ihk_ioctl *row, unsigned long user_arg)
{
	u32 size = cmd_size(row->cmd);
	union ihk_arg arg;
	int ret;

	if (WARN_ON_ONCE(size > sizeof(arg)))
		return -ENOTTY;
	if (!size)
		arg.integer = user_arg;
	else if (copy_from_user(&arg, (void __user *)user_arg, size))
		return -EFAULT;
	ret = row->run(file, &arg);
	if (ret >= 0 && size && copy_to_user((void __user *)user_arg, &arg, size))
		return -EFAULT;
	return ret;
}

/* For errors that need no values, or that are born where no sentence is made. */
static const char *common_sentence(long err)
{
	switch (err) {
	case -EPERM:
		return "Only an administrator (CAP_SYS_ADMIN) may do this";
	case -ENOTTY:
		return "This device has no such request";
	case -EFAULT:
		return "The request names memory that its caller cannot read or write";
	case -ENOMEM:
		return "Linux has no memory left for the request";
	case -EINTR:
		return "The request was interrupted by a signal";
	default:
		return "The request failed";
	}
}

static void keep_error(struct ihk_file *file, const char *text, long err)
{
	if (!text[0])
		text = common_sentence(err);
	spin_lock(&file->lock);
	strscpy_pad(file->error, text, sizeof(file->error));
	spin_unlock(&file->lock);
}

long ihk_ioctl_run(struct ihk_file *file, const struct ihk_ioctl *rows, size_t nrows,
		   unsigned int cmd, unsigned long arg)
{
	struct ihk_request request;
	const struct ihk_ioctl *row;
	long ret;

	row = find_row(common_rows, ARRAY_SIZE(common_rows), cmd);
	if (!row)
		row = find_row(rows, nrows, cmd);
	if (!row) {
		keep_error(file, "", -ENOTTY);
		return -ENOTTY;
	}

	ihk_request_begin(&request, row->admin);
	if (row->admin && !capable(CAP_SYS_ADMIN))
		ret = -EPERM;
	else
		ret = run_row(file, row, arg);
	ihk_request_end(&request);

	if (ret < 0 && row->cmd != IHK_IOC_GET_ERROR)
		keep_error(file, request.text, ret);
	return ret;
}

long ihk_ioctl_delegate(struct ihk_file *file, unsigned int cmd, unsigned long arg)
{
	struct ihk_request request;
	long ret;

	ihk_request_begin(&request, false);
	ret = ihk_delegate_ioctl(file->os, cmd, arg);
	ihk_request_end(&request);
	if (ret < 0)
		keep_error(file, request.text, ret);
	return ret;
}

int ihk_list_get(const struct ihk_ioc_list *list, u32 max, size_t size, void **out)
{
	void *entries;

	if (list->reserved)
		return ihk_report(-EINVAL, "A reserved field of the request is not zero");
	if (!list->count)
		return ihk_report(-EINVAL, "The list of the request is empty");
	if (list->count > max)
		return ihk_report(-E2BIG, "The list has %u entries, the limit is %u", list->count,
				  max);
	entries = vmemdup_user(u64_to_user_ptr(list->addr), list->count * size);
	if (IS_ERR(entries))
		return PTR_ERR(entries);
	*out = entries;
	return 0;
}

int ihk_list_query(struct ihk_file *file, struct ihk_ioc_list *list, size_t size,
		   ihk_fill_fn *fill)
{
	void *entries;
	u32 max;
	int n;
	int err;

	if (list->reserved)
		return ihk_report(-EINVAL, "A reserved field of the request is not zero");
	n = fill(file, NULL, 0);
	if (n < 0)
		return n;
	max = min_t(u32, list->count, n);
	if (!max) {
		list->count = n;
		return 0;
	}
	/* Zeroed: there may be fewer entries by the second call. */
	entries = kvcalloc(max, size, GFP_KERNEL_ACCOUNT);
	if (!entries)
		return -ENOMEM;
	n = fill(file, entries, max);
	if (n < 0) {
		err = n;
		goto free_entries;
	}
	list->count = n;
	err = 0;
	if (copy_to_user(u64_to_user_ptr(list->addr), entries, min_t(u32, max, n) * size))
		err = -EFAULT;
free_entries:
	kvfree(entries);
	return err;
}

int ihk_blob_put(struct ihk_ioc_blob *blob, const char *text)
{
	size_t len = strlen(text) + 1;

	if (blob->len < len)
		return -ERANGE;
	if (copy_to_user(u64_to_user_ptr(blob->addr), text, len))
		return -EFAULT;
	blob->len = len;
	return 0;
}

int ihk_file_open(struct file *filp, struct ihk_os *os)
{
	struct ihk_file *file;

	file = kzalloc(sizeof(*file), GFP_KERNEL_ACCOUNT);
	if (!file)
		return -ENOMEM;
	file->os = os;
	spin_lock_init(&file->lock);
	INIT_LIST_HEAD(&file->events);
	if (os)
		file->status_seq = READ_ONCE(os->status_seq);
	filp->private_data = file;
	return 0;
}

void ihk_file_close(struct ihk_file *file)
{
	kfree(file);
}

int ihk_lock_request(void)
{
	return mutex_lock_killable(&ihk_lock);
}
