/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Doubly linked circular list whose links lie inside the elements.
 *
 * A list is a struct list_node that is no element; an empty one points to
 * itself. An element that is on no list may be linked anywhere. Locking is the
 * caller's.
 */
#ifndef LWK_LIB_LIST_H
#define LWK_LIB_LIST_H

#include "lwk/include/compiler.h"

/**
 * struct list_node - head of a list, or link inside an element.
 * @next: towards the tail; of the tail, the head
 * @prev: towards the front; of the front, the head
 */
struct list_node {
	struct list_node *next;
	struct list_node *prev;
};

#define LIST_INIT(name) { &(name), &(name) }

/** list_init() - make an empty list, or an element that list_del() accepts. */
static inline void list_init(struct list_node *list)
{
	list->next = list;
	list->prev = list;
}

/** list_empty() - has the list no element? */
static inline bool list_empty(const struct list_node *list)
{
	return list->next == list;
}

/** list_insert() - link @node between two neighbours. */
static inline void list_insert(struct list_node *node, struct list_node *prev,
			       struct list_node *next)
{
	node->prev = prev;
	node->next = next;
	prev->next = node;
	next->prev = node;
}

/** list_add() - put @node at the front of @list. */
static inline void list_add(struct list_node *node, struct list_node *list)
{
	list_insert(node, list, list->next);
}

/** list_add_tail() - put @node at the end of @list. */
static inline void list_add_tail(struct list_node *node, struct list_node *list)
{
	list_insert(node, list->prev, list);
}

/** list_del() - take @node off its list; it is an empty list afterwards. */
static inline void list_del(struct list_node *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	list_init(node);
}

/** list_splice() - move all elements of @from to the front of @to. */
static inline void list_splice(struct list_node *from, struct list_node *to)
{
	if (list_empty(from))
		return;
	from->prev->next = to->next;
	to->next->prev = from->prev;
	to->next = from->next;
	from->next->prev = to;
	list_init(from);
}

/** list_pop() - take off the front element; NULL if there is none. */
static inline struct list_node *list_pop(struct list_node *list)
{
	struct list_node *node = list->next;

	if (node == list)
		return NULL;
	list_del(node);
	return node;
}

/** list_entry() - the element whose link is @node. */
#define list_entry(node, type, member) container_of(node, type, member)

/** list_first() - the front element of a list that is not empty. */
#define list_first(list, type, member) list_entry((list)->next, type, member)

/** list_for_each() - visit all elements in order; none may be taken off. */
#define list_for_each(pos, list, member)                                  \
	for (pos = list_entry((list)->next, __typeof__(*pos), member);    \
	     &pos->member != (list);                                      \
	     pos = list_entry(pos->member.next, __typeof__(*pos), member))

/** list_for_each_safe() - as list_for_each(); @pos itself may be taken off. */
#define list_for_each_safe(pos, tmp, list, member)                        \
	for (pos = list_entry((list)->next, __typeof__(*pos), member),    \
	    tmp = list_entry(pos->member.next, __typeof__(*pos), member); \
	     &pos->member != (list);                                      \
	     pos = tmp,                                                   \
	    tmp = list_entry(tmp->member.next, __typeof__(*tmp), member))

#endif
