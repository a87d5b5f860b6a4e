// SPDX-License-Identifier: GPL-2.0-only
/*
 * The AVL tree of ranges; see vm_tree.h.
 *
 * The gap in front of a range reaches from the end of the range below, or from
 * the tree's start, to the range less its guard. Whatever moves an end of a range
 * therefore updates the range above, too. Space above the last range is no
 * range's gap; the search looks at it by itself.
 */
#include "lwk/include/mm/vm_tree.h"

#include "lwk/include/assert.h"

enum side { LEFT, RIGHT };

void vm_tree_init(struct vm_tree *tree, vaddr_t start)
{
	tree->root = NULL;
	list_init(&tree->list);
	tree->start = start;
	tree->count = 0;
}

static u32 height(const struct vm_node *node)
{
	return node ? node->height : 0;
}

static u64 max_gap(const struct vm_node *node)
{
	return node ? node->max_gap : 0;
}

/* Where the gap in front of a range begins. */
static vaddr_t gap_start(const struct vm_tree *tree, const struct vm_node *node)
{
	const struct vm_node *prev = vm_tree_prev(tree, node);

	return prev ? prev->end : tree->start;
}

/* Where it ends; below its start if the guard takes more than there is. */
static vaddr_t gap_end(const struct vm_node *node)
{
	if (!node->guarded)
		return node->start;
	return node->start > VM_GUARD_LEN ? node->start - VM_GUARD_LEN : 0;
}

static u64 own_gap(const struct vm_tree *tree, const struct vm_node *node)
{
	vaddr_t start = gap_start(tree, node);
	vaddr_t end = gap_end(node);

	return end > start ? end - start : 0;
}

/* Compute what a node knows of its subtree from its children. */
static void refresh(const struct vm_tree *tree, struct vm_node *node)
{
	u64 below = MAX(max_gap(node->child[LEFT]), max_gap(node->child[RIGHT]));
	u64 own = own_gap(tree, node);

	node->height = MAX(height(node->child[LEFT]), height(node->child[RIGHT])) + 1;
	node->max_gap = MAX(below, own);
}

static void replace_child(struct vm_tree *tree, struct vm_node *parent, struct vm_node *old,
			  struct vm_node *new)
{
	if (!parent)
		tree->root = new;
	else
		parent->child[parent->child[RIGHT] == old] = new;
	if (new)
		new->parent = parent;
}

/* Lift the child on @side above @node; returns it. */
static struct vm_node *rotate(struct vm_tree *tree, struct vm_node *node, enum side side)
{
	struct vm_node *up = node->child[side];
	struct vm_node *across = up->child[!side];

	replace_child(tree, node->parent, node, up);
	node->child[side] = across;
	if (across)
		across->parent = node;
	up->child[!side] = node;
	node->parent = up;
	refresh(tree, node);
	refresh(tree, up);
	return up;
}

/* Restore balance at @node; returns the top of the subtree. */
static struct vm_node *balance(struct vm_tree *tree, struct vm_node *node)
{
	u32 left = height(node->child[LEFT]);
	u32 right = height(node->child[RIGHT]);
	enum side heavy = right > left ? RIGHT : LEFT;
	struct vm_node *child = node->child[heavy];

	if (left <= right + 1 && right <= left + 1)
		return node;
	if (height(child->child[heavy]) < height(child->child[!heavy]))
		rotate(tree, child, !heavy);
	return rotate(tree, node, heavy);
}

/* Refresh and balance from @node up to the root. */
static void fix_upwards(struct vm_tree *tree, struct vm_node *node)
{
	while (node) {
		refresh(tree, node);
		node = balance(tree, node)->parent;
	}
}

void vm_tree_insert(struct vm_tree *tree, struct vm_node *node)
{
	struct vm_node *parent = NULL;
	struct vm_node **link = &tree->root;
	struct vm_node *next = NULL;

	while (*link) {
		parent = *link;
		ASSERT(node->end <= parent->start || node->start >= parent->end);
		if (node->start < parent->start)
			next = parent;
		link = &parent->child[node->start > parent->start];
	}
	node->parent = parent;
	node->child[LEFT] = NULL;
	node->child[RIGHT] = NULL;
	*link = node;
	list_add_tail(&node->link, next ? &next->link : &tree->list);
	tree->count++;
	fix_upwards(tree, node);
	if (next)
		fix_upwards(tree, next);
}

/* Give @heir, which has no child on the left, the place of @node. */
static void take_place(struct vm_tree *tree, struct vm_node *node, struct vm_node *heir)
{
	replace_child(tree, heir->parent, heir, heir->child[RIGHT]);
	heir->child[LEFT] = node->child[LEFT];
	heir->child[RIGHT] = node->child[RIGHT];
	if (heir->child[LEFT])
		heir->child[LEFT]->parent = heir;
	if (heir->child[RIGHT])
		heir->child[RIGHT]->parent = heir;
	replace_child(tree, node->parent, node, heir);
}

void vm_tree_remove(struct vm_tree *tree, struct vm_node *node)
{
	struct vm_node *next = vm_tree_next(tree, node);
	struct vm_node *changed = node->parent;

	list_del(&node->link);
	tree->count--;
	if (!node->child[LEFT]) {
		replace_child(tree, node->parent, node, node->child[RIGHT]);
	} else if (!node->child[RIGHT]) {
		replace_child(tree, node->parent, node, node->child[LEFT]);
	} else {
		/* The successor is the leftmost of the right subtree. */
		changed = next->parent == node ? next : next->parent;
		take_place(tree, node, next);
	}
	fix_upwards(tree, changed);
	if (next)
		fix_upwards(tree, next);
}

void vm_tree_resize(struct vm_tree *tree, struct vm_node *node, vaddr_t start, vaddr_t end)
{
	struct vm_node *next = vm_tree_next(tree, node);

	ASSERT(start < end && start >= gap_start(tree, node) && (!next || end <= next->start));
	node->start = start;
	node->end = end;
	fix_upwards(tree, node);
	if (next)
		fix_upwards(tree, next);
}

struct vm_node *vm_tree_find(const struct vm_tree *tree, vaddr_t addr)
{
	struct vm_node *node = tree->root;
	struct vm_node *found = NULL;

	while (node) {
		if (node->end > addr) {
			found = node;
			if (node->start <= addr)
				break;
			node = node->child[LEFT];
		} else {
			node = node->child[RIGHT];
		}
	}
	return found;
}

struct vm_node *vm_tree_next(const struct vm_tree *tree, const struct vm_node *node)
{
	if (node->link.next == &tree->list)
		return NULL;
	return list_entry(node->link.next, struct vm_node, link);
}

struct vm_node *vm_tree_prev(const struct vm_tree *tree, const struct vm_node *node)
{
	if (node->link.prev == &tree->list)
		return NULL;
	return list_entry(node->link.prev, struct vm_node, link);
}

struct vm_node *vm_tree_first(const struct vm_tree *tree)
{
	if (list_empty(&tree->list))
		return NULL;
	return list_first(&tree->list, struct vm_node, link);
}

struct vm_node *vm_tree_last(const struct vm_tree *tree)
{
	if (list_empty(&tree->list))
		return NULL;
	return list_entry(tree->list.prev, struct vm_node, link);
}

/* Place the wanted space in the free [start, end), if it fits. */
static bool fit(const struct vm_gap *gap, vaddr_t start, vaddr_t end, vaddr_t *addr)
{
	start = MAX(start, gap->low);
	end = MIN(end, gap->high);
	if (start >= end || end - start < gap->len)
		return false;
	*addr = gap->bottom_up ? ALIGN_UP(start, gap->align) :
				 ALIGN_DOWN(end - gap->len, gap->align);
	return *addr >= start && *addr <= end - gap->len;
}

/*
 * Search a subtree in the wanted direction, leaving out what has no gap large
 * enough or lies outside. The depth is the tree's height: 24 for 65530 ranges.
 */
static bool search(const struct vm_tree *tree, const struct vm_node *node,
		   const struct vm_gap *gap, vaddr_t *addr)
{
	enum side near = gap->bottom_up ? LEFT : RIGHT;
	u32 turn;

	if (max_gap(node) < gap->len)
		return false;
	for (turn = 0; turn < 2; turn++) {
		enum side side = turn ? !near : near;

		/* Gaps on the left end below @node, those on the right begin above. */
		if ((side == LEFT ? node->start > gap->low : node->end < gap->high) &&
		    search(tree, node->child[side], gap, addr))
			return true;
		if (!turn && fit(gap, gap_start(tree, node), gap_end(node), addr))
			return true;
	}
	return false;
}

bool vm_tree_find_gap(const struct vm_tree *tree, const struct vm_gap *gap, vaddr_t *addr)
{
	const struct vm_node *last = vm_tree_last(tree);
	vaddr_t top = last ? last->end : tree->start;

	if (gap->bottom_up)
		return search(tree, tree->root, gap, addr) || fit(gap, top, gap->high, addr);
	return fit(gap, top, gap->high, addr) || search(tree, tree->root, gap, addr);
}

static u32 check_subtree(const struct vm_tree *tree, const struct vm_node *node)
{
	struct vm_node copy;
	u32 count;
	s32 tilt;

	if (!node)
		return 0;
	for (u32 side = LEFT; side <= RIGHT; side++)
		ASSERT(!node->child[side] || node->child[side]->parent == node);
	count = check_subtree(tree, node->child[LEFT]) +
		check_subtree(tree, node->child[RIGHT]) + 1;
	tilt = (s32)height(node->child[LEFT]) - (s32)height(node->child[RIGHT]);
	ASSERT(tilt >= -1 && tilt <= 1);
	copy = *node;
	refresh(tree, &copy);
	ASSERT(copy.height == node->height && copy.max_gap == node->max_gap);
	return count;
}

void vm_tree_check(const struct vm_tree *tree)
{
	const struct vm_node *node;
	vaddr_t last = tree->start;
	u32 count = 0;

	list_for_each(node, &tree->list, link) {
		ASSERT(node->start >= last && node->start < node->end);
		ASSERT(vm_tree_find(tree, node->start) == node);
		last = node->end;
		count++;
	}
	ASSERT(count == tree->count && count == check_subtree(tree, tree->root));
}
