// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mcctrl module: lets programs of Linux run on the lightweight kernels that ihk booted.
 *
 * It is asked on /dev/mcosN, through ihk; all else happens on the files that it gives
 * out, which pin it. Removing it closes the channels to all LWKs.
 */
#define pr_fmt(fmt) "mcctrl: " fmt

#include <linux/capability.h>
#include <linux/module.h>

#include "build_id.h"
#include "exe.h"
#include "first_id.h"
#include "interrupt.h"
#include "proxy.h"
#include "share.h"
#include "trace.h"

struct workqueue_struct *mcctrl_wq;
struct workqueue_struct *revoke_wq;

/* Has all processes and threads of an LWK logged there. */
static long debug_log(struct ihk_os *ihk)
{
	struct control *control;
	struct peer *peer;
	long err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	err = peer_get(ihk, &peer);
	if (err)
		return err;
	err = control_get(peer, 0, REQUEST_KILLABLE, &control);
	if (err)
		goto put_peer;
	request_begin(&control->request, IKC_MSG_DEBUG_LOG, IKC_MSG_DEBUG_LOG_DONE);
	err = control_call(control, REQUEST_KILLABLE);
	if (err != -EINTR)
		control_put(control);
put_peer:
	peer_put(peer);
	return err;
}

static long mcos_ioctl(struct ihk_os *ihk, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case MCCTRL_IOC_CREATE_PROXY:
		return proxy_create(ihk, (void __user *)arg);
	case MCCTRL_IOC_TAKE_CPUS:
		return share_take(ihk, (const void __user *)arg);
	case MCCTRL_IOC_CHECK_EXE:
		return exe_check((const void __user *)arg);
	case MCCTRL_IOC_FIRST_ID:
		return first_id((const void __user *)arg);
	case MCCTRL_IOC_DEBUG_LOG:
		return debug_log(ihk);
	default:
		return ihk_report(-ENOTTY, "mcctrl has no such request");
	}
}

static const struct ihk_delegate delegate = {
	.owner = THIS_MODULE,
	.type = MCCTRL_IOC_TYPE,
	.ioctl = mcos_ioctl,
};

static int __init mcctrl_init(void)
{
	int err = -ENOMEM;

	mcctrl_wq = alloc_workqueue("mcctrl", WQ_UNBOUND, 0);
	if (!mcctrl_wq)
		return err;
	/* Memory reclaim may wait for an LWK that waits for this. */
	revoke_wq = alloc_workqueue("mcctrl_revoke", WQ_UNBOUND | WQ_HIGHPRI | WQ_MEM_RECLAIM, 0);
	if (!revoke_wq)
		goto destroy_wq;
	err = trace_init();
	if (err)
		goto destroy_revoke_wq;
	err = ihk_delegate_register(&delegate);
	if (err)
		goto exit_trace;
	pr_info("ready, build %s\n", MCK_BUILD_ID);
	return 0;

exit_trace:
	trace_exit();
destroy_revoke_wq:
	destroy_workqueue(revoke_wq);
destroy_wq:
	destroy_workqueue(mcctrl_wq);
	return err;
}

static void __exit mcctrl_exit(void)
{
	ihk_delegate_unregister();
	peer_exit();
	/* Ends of peers and of proxies, whose module references are given back inside. */
	destroy_workqueue(mcctrl_wq);
	destroy_workqueue(revoke_wq);
	interrupt_exit();
	trace_exit();
	proxy_exit();
}

module_init(mcctrl_init);
module_exit(mcctrl_exit);
MODULE_DESCRIPTION("Runs programs of Linux on lightweight kernels beside it");
MODULE_LICENSE("GPL");
MODULE_VERSION(MCK_VERSION);
