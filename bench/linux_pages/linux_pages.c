// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures Linux's own page allocator, for comparison with the LWK's.
 *
 * insmod runs the measurement: on each of the first @ncpus online CPUs at once, allocate and
 * free @count pages of order @order in batches of BATCH, the same pattern as the
 * LWK's test PAGES_BENCH. /sys/module/linux_pages/parameters/ns then holds the slowest CPU's time.
 */
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/gfp.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

#define BATCH 256

static unsigned int ncpus = 1;
module_param(ncpus, uint, 0444);
MODULE_PARM_DESC(ncpus, "CPUs that measure at once");
static unsigned int count = 65536;
module_param(count, uint, 0444);
MODULE_PARM_DESC(count, "pages that each CPU allocates and frees");
static unsigned int order;
module_param(order, uint, 0444);
MODULE_PARM_DESC(order, "order of each page");
static unsigned long ns;
module_param(ns, ulong, 0444);
MODULE_PARM_DESC(ns, "result: nanoseconds of the slowest CPU");

/**
 * struct worker - one CPU's measurement
 * @task: its thread
 * @go: starts all threads together
 * @done: the thread is finished with everything here
 * @pages: the batch
 * @ns: result: duration
 * @err: result: 0 or -ENOMEM
 */
struct worker {
	struct task_struct *task;
	struct completion *go;
	struct completion done;
	struct page *pages[BATCH];
	u64 ns;
	int err;
};

static int measure(void *arg)
{
	struct worker *w = arg;
	unsigned int left, i, n;
	u64 start;

	wait_for_completion(w->go);
	w->err = 0;
	start = ktime_get_ns();
	for (left = count; left && !w->err; left -= n) {
		n = min(left, (unsigned int)BATCH);
		for (i = 0; i < n; i++) {
			w->pages[i] = alloc_pages(GFP_KERNEL | __GFP_NOWARN, order);
			if (!w->pages[i]) {
				w->err = -ENOMEM;
				break;
			}
		}
		while (i)
			__free_pages(w->pages[--i], order);
	}
	w->ns = ktime_get_ns() - start;
	/* Not a plain return: the module may be gone before the thread has left it. */
	kthread_complete_and_exit(&w->done, 0);
}

static int __init linux_pages_init(void)
{
	DECLARE_COMPLETION_ONSTACK(go);
	struct worker *workers;
	unsigned int cpu, i, started = 0;
	int err;

	if (!ncpus || ncpus > num_online_cpus())
		return -EINVAL;
	workers = kvcalloc(ncpus, sizeof(*workers), GFP_KERNEL);
	if (!workers)
		return -ENOMEM;
	err = 0;
	for_each_online_cpu(cpu) {
		struct worker *w = &workers[started];

		if (started == ncpus)
			break;
		w->go = &go;
		init_completion(&w->done);
		w->task = kthread_create_on_cpu(measure, w, cpu, "linux_pages/%u");
		if (IS_ERR(w->task)) {
			err = PTR_ERR(w->task);
			break;
		}
		wake_up_process(w->task);
		started++;
	}
	complete_all(&go);
	for (i = 0; i < started; i++) {
		wait_for_completion(&workers[i].done);
		ns = max(ns, (unsigned long)workers[i].ns);
		if (!err)
			err = workers[i].err;
	}
	kvfree(workers);
	return err;
}

static void __exit linux_pages_exit(void)
{
}

module_init(linux_pages_init);
module_exit(linux_pages_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("time of Linux's page allocator");
