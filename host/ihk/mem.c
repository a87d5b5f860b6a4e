// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who owns which memory: reserving it from Linux, releasing it, giving it to OS
 * instances.
 *
 * Reserved memory that no instance has never holds anything of an LWK: what an
 * instance was booted with is scrubbed when it leaves the instance, so neither another
 * instance nor Linux can find it, and memory that no LWK ran on costs nothing to
 * return. All functions run with ihk_lock held.
 */
#define pr_fmt(fmt) "ihk: " fmt

#include "partition.h"

#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/slab.h>

#define DEFAULT_MIN_CHUNK (4ULL << 20)
#define MAX_MIN_CHUNK (1ULL << 30)
#define DEFAULT_PERCENT 95
#define DEFAULT_TIMEOUT_S 60

#define MIB(bytes) ((u64)(bytes) >> 20)

static LIST_HEAD(reserved); /* chunks without owner; protected by ihk_lock */

static int check_node(s32 node)
{
	if (node < 0 || node >= IHK_MAX_NODES || node >= nr_node_ids || !node_online(node))
		return ihk_report(-EINVAL, "NUMA node %d does not exist", node);
	return 0;
}

/* Checks what reserve, release, assign and unassign have in common. */
static int check_mem(const struct ihk_ioc_mem *mem, bool any_node)
{
	if (mem->os || mem->start || mem->reserved)
		return ihk_report(-EINVAL, "A reserved field of the request is not zero");
	if (!mem->size)
		return ihk_report(-EINVAL, "The amount of memory is zero");
	if (mem->size != IHK_MEM_ALL && !PAGE_ALIGNED(mem->size))
		return ihk_report(-EINVAL, "%llu bytes are not a multiple of the page size %lu",
				  mem->size, PAGE_SIZE);
	if (any_node && mem->node == IHK_ANY_NODE)
		return 0;
	return check_node(mem->node);
}

/*
 * Reserve
 */

static int check_reserve(const struct ihk_ioc_reserve_mem *req, const struct ihk_ioc_mem *mems)
{
	nodemask_t nodes;
	u32 i;
	int err;

	if (req->flags & ~IHK_RESERVE_FLAGS_KNOWN)
		return ihk_report(-EINVAL, "Unknown flags 0x%x", req->flags);
	if (req->max_percent > 100)
		return ihk_report(-EINVAL, "%u%% of a node's memory is too much",
				  req->max_percent);
	if (req->min_chunk &&
	    (!is_power_of_2(req->min_chunk) || req->min_chunk < PAGE_SIZE ||
	     req->min_chunk > MAX_MIN_CHUNK))
		return ihk_report(-EINVAL,
				  "The least chunk of %llu bytes is no power of two from %lu to %llu",
				  req->min_chunk, PAGE_SIZE, MAX_MIN_CHUNK);
	nodes_clear(nodes);
	for (i = 0; i < req->count; i++) {
		err = check_mem(&mems[i], false);
		if (err)
			return err;
		if (!node_state(mems[i].node, N_MEMORY))
			return ihk_report(-EINVAL, "NUMA node %d has no memory", mems[i].node);
		if (!(req->flags & IHK_RESERVE_BALANCED))
			continue;
		if (mems[i].size != mems[0].size)
			return ihk_report(-EINVAL,
					  "A balanced request needs the same size on every node");
		if (node_test_and_set(mems[i].node, nodes))
			return ihk_report(-EINVAL, "A balanced request names NUMA node %d twice",
					  mems[i].node);
	}
	return 0;
}

static void init_job(struct ihk_mem_job *job, const struct ihk_ioc_reserve_mem *req,
		     const struct ihk_ioc_mem *mem)
{
	job->node = mem->node;
	job->all = mem->size == IHK_MEM_ALL;
	job->want = mem->size;
	job->got = 0;
	job->min_chunk = req->min_chunk ?: DEFAULT_MIN_CHUNK;
	INIT_LIST_HEAD(&job->chunks);
}

/* Turns "all" into a number, as late as possible; refuses at once what cannot be. */
static int size_job(struct ihk_mem_job *job, const struct ihk_ioc_reserve_mem *req)
{
	u64 spare = ihk_node_spare(job->node);
	u32 percent = req->max_percent ?: DEFAULT_PERCENT;

	if (job->all) {
		job->want = min_t(u64, spare, ihk_node_free(job->node) / 100 * percent);
		job->want = round_down(job->want, job->min_chunk);
		return 0;
	}
	if (job->want > spare && !(req->flags & IHK_RESERVE_BEST_EFFORT))
		return ihk_report(-ENOMEM,
				  "NUMA node %d cannot spare %llu MiB: about %llu MiB could be had",
				  job->node, MIB(job->want), MIB(spare));
	return 0;
}

static int run_job(struct ihk_mem_job *job, const struct ihk_ioc_reserve_mem *req)
{
	bool partial = job->all || (req->flags & IHK_RESERVE_BEST_EFFORT);
	int err;

	err = size_job(job, req);
	if (err)
		return err;
	err = ihk_mem_alloc(job);
	if (err == -ETIMEDOUT) {
		if (partial)
			return 0;
		return ihk_report(err,
				  "Time is up: NUMA node %d gave %llu MiB of %llu MiB so far",
				  job->node, MIB(job->got), MIB(job->want));
	}
	if (err)
		return err;
	if (job->got < job->want && !partial)
		return ihk_report(-ENOMEM,
				  "NUMA node %d gave only %llu MiB of %llu MiB in pieces of at least %llu KiB",
				  job->node, MIB(job->got), MIB(job->want),
				  job->min_chunk >> 10);
	return 0;
}

/* Returns to Linux what a node has more than the one with the least. */
static int balance_jobs(struct ihk_mem_job *jobs, u32 njobs)
{
	LIST_HEAD(surplus);
	u64 least;
	u32 i;
	int err;

	err = 0;
	least = jobs[0].got;
	for (i = 1; i < njobs; i++)
		least = min(least, jobs[i].got);
	for (i = 0; i < njobs; i++) {
		err = ihk_chunk_take(&jobs[i].chunks, jobs[i].node, jobs[i].got - least,
				     IHK_TAKE_SMALL, &surplus);
		if (err)
			break;
		jobs[i].got = least;
	}
	ihk_mem_free(&surplus);
	return err;
}

static int run_jobs(struct ihk_mem_job *jobs, const struct ihk_ioc_reserve_mem *req)
{
	unsigned long deadline;
	u64 got;
	u32 i;
	int err;

	deadline = jiffies + (unsigned long)(req->timeout_s ?: DEFAULT_TIMEOUT_S) * HZ;
	for (i = 0; i < req->count; i++) {
		jobs[i].deadline = deadline;
		err = run_job(&jobs[i], req);
		if (err)
			return err;
	}
	if (req->flags & IHK_RESERVE_BALANCED) {
		err = balance_jobs(jobs, req->count);
		if (err)
			return err;
	}
	got = 0;
	for (i = 0; i < req->count; i++)
		got += jobs[i].got;
	if (!got)
		return ihk_report(-ENOMEM, "Linux can spare no memory on the nodes asked for");
	return 0;
}

static void splice_chunks(struct list_head *from, struct list_head *to)
{
	struct ihk_chunk *chunk, *next;

	list_for_each_entry_safe(chunk, next, from, link) {
		list_del(&chunk->link);
		ihk_chunk_insert(to, chunk);
	}
}

int ihk_mem_reserve(const struct ihk_ioc_reserve_mem *req, const struct ihk_ioc_mem *mems)
{
	struct ihk_mem_job *jobs;
	u32 i;
	int err;

	lockdep_assert_held(&ihk_lock);
	err = check_reserve(req, mems);
	if (err)
		return err;
	jobs = kvcalloc(req->count, sizeof(*jobs), GFP_KERNEL);
	if (!jobs)
		return -ENOMEM;
	for (i = 0; i < req->count; i++)
		init_job(&jobs[i], req, &mems[i]);
	err = run_jobs(jobs, req);
	for (i = 0; i < req->count; i++) {
		if (err)
			ihk_mem_free(&jobs[i].chunks);
		else
			splice_chunks(&jobs[i].chunks, &reserved);
	}
	kvfree(jobs);
	return err;
}

/*
 * Release, assign, unassign
 */

/*
 * Moves memory from one list to another, all or none. "All" of nothing is nothing,
 * not an error. @what says what memory in @from is, for messages.
 */
static int move_mem(struct list_head *from, const struct ihk_ioc_mem *mem, enum ihk_take how,
		    struct list_head *to, const char *what)
{
	u64 have = ihk_chunk_sum(from, mem->node);
	u64 len = mem->size == IHK_MEM_ALL ? have : mem->size;

	if (len <= have)
		return ihk_chunk_take(from, mem->node, len, how, to);
	if (mem->node == IHK_ANY_NODE)
		return ihk_report(-EINVAL, "Only %llu KiB are %s, not %llu KiB", have >> 10, what,
				  len >> 10);
	return ihk_report(-EINVAL, "NUMA node %d has only %llu KiB that are %s, not %llu KiB",
			  mem->node, have >> 10, what, len >> 10);
}

int ihk_mem_release(const struct ihk_ioc_mem *mems, u32 n)
{
	LIST_HEAD(leaving);
	u32 i;
	int err;

	lockdep_assert_held(&ihk_lock);
	err = 0;
	for (i = 0; i < n && !err; i++) {
		err = check_mem(&mems[i], true);
		if (!err)
			err = move_mem(&reserved, &mems[i], IHK_TAKE_SMALL, &leaving,
				       "reserved and not assigned");
	}
	if (err)
		splice_chunks(&leaving, &reserved);
	else
		ihk_mem_free(&leaving);
	return err;
}

void ihk_mem_exit(void)
{
	mutex_lock(&ihk_lock);
	ihk_mem_free(&reserved);
	mutex_unlock(&ihk_lock);
}

static u32 count_chunks(const struct list_head *list)
{
	struct ihk_chunk *chunk;
	u32 n;

	n = 0;
	list_for_each_entry(chunk, list, link)
		n++;
	return n;
}

int ihk_mem_assign(struct ihk_os *os, const struct ihk_ioc_mem *mems, u32 n)
{
	LIST_HEAD(coming);
	struct ihk_chunk *chunk;
	u32 i;
	int err;

	lockdep_assert_held(&ihk_lock);
	lockdep_assert_held(&os->lock);
	for (i = 0; i < n; i++) {
		err = check_mem(&mems[i], false);
		if (err)
			goto put_back;
		err = move_mem(&reserved, &mems[i], IHK_TAKE_LARGE, &coming,
			       "reserved and not assigned");
		if (err)
			goto put_back;
	}
	if (os->nchunks + count_chunks(&coming) > IHK_MAX_CHUNKS) {
		err = ihk_report(-E2BIG,
				 "OS instance %d would have more than %u pieces of memory: reserve it in larger chunks",
				 os->index, IHK_MAX_CHUNKS);
		goto put_back;
	}
	list_for_each_entry(chunk, &coming, link)
		chunk->os = os;
	splice_chunks(&coming, &os->chunks);
	ihk_os_recount(os);
	return 0;

put_back:
	splice_chunks(&coming, &reserved);
	return err;
}

/* What leaves an instance is clean and has no owner. */
static void disown_chunks(struct list_head *leaving)
{
	struct ihk_chunk *chunk;

	ihk_mem_clean(leaving, true);
	list_for_each_entry(chunk, leaving, link) {
		chunk->used = false;
		chunk->os = NULL;
	}
	splice_chunks(leaving, &reserved);
}

int ihk_mem_unassign(struct ihk_os *os, const struct ihk_ioc_mem *mems, u32 n)
{
	LIST_HEAD(leaving);
	u32 i;
	int err;

	lockdep_assert_held(&ihk_lock);
	lockdep_assert_held(&os->lock);
	for (i = 0; i < n; i++) {
		err = check_mem(&mems[i], true);
		if (err)
			goto put_back;
		err = move_mem(&os->chunks, &mems[i], IHK_TAKE_SMALL, &leaving,
			       "assigned to this instance");
		if (err)
			goto put_back;
	}
	ihk_boot_free(os);
	disown_chunks(&leaving);
	ihk_os_recount(os);
	return 0;

put_back:
	splice_chunks(&leaving, &os->chunks);
	return err;
}

void ihk_mem_unassign_all(struct ihk_os *os)
{
	LIST_HEAD(leaving);

	list_splice_init(&os->chunks, &leaving);
	disown_chunks(&leaving);
	ihk_os_recount(os);
}

void ihk_mem_mark_used(struct ihk_os *os)
{
	LIST_HEAD(chunks);
	struct ihk_chunk *chunk;

	list_splice_init(&os->chunks, &chunks);
	/* What the LWK before has left. */
	ihk_mem_clean(&chunks, false);
	list_for_each_entry(chunk, &chunks, link)
		chunk->used = true;
	/* Neighbours that differed in this alone become one. */
	splice_chunks(&chunks, &os->chunks);
	ihk_mem_trim(&os->chunks);
	ihk_os_recount(os);
}

/* Appends a list's chunks to the @n entries of @out. Returns the new number. */
static u32 query_list(const struct list_head *list, struct ihk_ioc_mem *out, u32 max, u32 n)
{
	struct ihk_chunk *chunk;

	list_for_each_entry(chunk, list, link) {
		if (n < max)
			out[n] = (struct ihk_ioc_mem){
				.size = chunk->end - chunk->start,
				.node = chunk->node,
				.os = chunk->os ? chunk->os->index : IHK_NO_OS,
				.start = chunk->start,
			};
		n++;
	}
	return n;
}

int ihk_mem_query(const struct ihk_os *os, struct ihk_ioc_mem *out, u32 max)
{
	u32 n;

	lockdep_assert_held(&ihk_lock);
	if (os)
		return query_list(&os->chunks, out, max, 0);
	n = query_list(&reserved, out, max, 0);
	for (os = ihk_os_next(0); os; os = ihk_os_next(os->index + 1))
		n = query_list(&os->chunks, out, max, n);
	return n;
}

void ihk_mem_hide(struct ihk_ioc_mem *out, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		out[i].start = 0;
}
