// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of an OS instance, for mcreboot and mcstop.
 */
#include "stop.h"

#include "cli.h"

static int library_failed(void)
{
	cli_library_failed();
	return -1;
}

int stop_instance(struct ihk_dev *dev, int index)
{
	struct ihk_status_info info;
	struct ihk_instance *os;
	int err;

	if (ihk_instance_open(index, 0, &os))
		return library_failed();
	err = ihk_instance_get_status(os, &info);
	if (!err && info.status != IHK_STATUS_INACTIVE)
		err = ihk_instance_shutdown(os);
	if (err)
		cli_library_failed();
	ihk_instance_close(os);
	if (err)
		return -1;
	return ihk_dev_destroy_instance(dev, index) ? library_failed() : 0;
}
