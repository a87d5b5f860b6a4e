/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ranges of an address space: a balanced (AVL) tree by address, in which
 * every node knows the largest gap in front of any range of its subtree, and a
 * list in the same order. Finding a range or a gap takes O(log n), a neighbour
 * O(1). The owner serialises.
 */
#ifndef LWK_MM_VM_TREE_H
#define LWK_MM_VM_TREE_H

#include "lwk/lib/list.h"

/** VM_GUARD_LEN - what stays free below a stack: Linux's stack_guard_gap. */
#define VM_GUARD_LEN (256ULL << 12)

/**
 * struct vm_node - what the tree keeps in each range.
 * @parent: NULL at the root
 * @child: left and right subtree
 * @link: list of all ranges, ascending
 * @start: first address of the range
 * @end: its end
 * @max_gap: largest gap in front of a range of this subtree
 * @height: of this subtree, 1 for a leaf
 * @guarded: VM_GUARD_LEN in front of it count as taken
 */
struct vm_node {
	struct vm_node *parent;
	struct vm_node *child[2];
	struct list_node link;
	vaddr_t start;
	vaddr_t end;
	u64 max_gap;
	u32 height;
	bool guarded;
};

/**
 * struct vm_tree - all ranges of an address space.
 * @root: top node, or NULL
 * @list: all nodes, ascending by address
 * @start: first address that gaps may begin at
 * @count: nodes
 */
struct vm_tree {
	struct vm_node *root;
	struct list_node list;
	vaddr_t start;
	u32 count;
};

/**
 * struct vm_gap - what kind of free space is wanted.
 * @low: not below this address
 * @high: not beyond this one
 * @len: bytes, not 0
 * @align: the result is a multiple of it; a power of two
 * @bottom_up: lowest fit instead of highest
 */
struct vm_gap {
	vaddr_t low;
	vaddr_t high;
	u64 len;
	u64 align;
	bool bottom_up;
};

/**
 * vm_tree_init() - make a tree without ranges.
 * @tree: its memory
 * @start: first address that gaps may begin at
 *
 * Context: any.
 */
void vm_tree_init(struct vm_tree *tree, vaddr_t start);

/**
 * vm_tree_insert() - add a range.
 * @tree: the tree
 * @node: @start, @end and @guarded are set and overlap no other range
 *
 * Context: owner serialises.
 */
void vm_tree_insert(struct vm_tree *tree, struct vm_node *node);

/**
 * vm_tree_remove() - take a range out.
 * @tree: the tree
 * @node: in it
 *
 * Context: owner serialises.
 */
void vm_tree_remove(struct vm_tree *tree, struct vm_node *node);

/**
 * vm_tree_resize() - move the ends of a range, not past its neighbours.
 * @tree: the tree
 * @node: in it
 * @start: new first address
 * @end: new end
 *
 * Context: owner serialises.
 */
void vm_tree_resize(struct vm_tree *tree, struct vm_node *node, vaddr_t start, vaddr_t end);

/**
 * vm_tree_find() - the first range that ends above an address.
 * @tree: the tree
 * @addr: any address
 *
 * Context: owner serialises against changes.
 * Return: that range, which contains @addr or lies above it; NULL if none.
 */
struct vm_node *vm_tree_find(const struct vm_tree *tree, vaddr_t addr);

/**
 * vm_tree_next() - the range above.
 * @tree: the tree
 * @node: in it
 *
 * Context: owner serialises against changes.
 * Return: the range, or NULL.
 */
struct vm_node *vm_tree_next(const struct vm_tree *tree, const struct vm_node *node);

/**
 * vm_tree_prev() - the range below.
 * @tree: the tree
 * @node: in it
 *
 * Context: owner serialises against changes.
 * Return: the range, or NULL.
 */
struct vm_node *vm_tree_prev(const struct vm_tree *tree, const struct vm_node *node);

/**
 * vm_tree_first() - the lowest range.
 * @tree: the tree
 *
 * Context: owner serialises against changes.
 * Return: the range, or NULL.
 */
struct vm_node *vm_tree_first(const struct vm_tree *tree);

/**
 * vm_tree_last() - the highest range.
 * @tree: the tree
 *
 * Context: owner serialises against changes.
 * Return: the range, or NULL.
 */
struct vm_node *vm_tree_last(const struct vm_tree *tree);

/**
 * vm_tree_find_gap() - find free space.
 * @tree: the tree
 * @gap: what is wanted
 * @addr: result
 *
 * Context: owner serialises against changes.
 * Return: true if there is such a gap.
 */
bool vm_tree_find_gap(const struct vm_tree *tree, const struct vm_gap *gap, vaddr_t *addr);

/**
 * vm_tree_check() - panic unless order, balance and gaps are right.
 * @tree: the tree
 *
 * Context: owner serialises against changes; for tests: O(n).
 */
void vm_tree_check(const struct vm_tree *tree);

#endif
