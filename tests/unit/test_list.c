// SPDX-License-Identifier: GPL-2.0-only
/* The intrusive list. */
#include "lwk/lib/list.h"

#include "tests/unit/unit.h"

struct item {
	int value;
	struct list_node link;
};

/* The values of a list as one decimal number; checks both directions. */
static int digits(const struct list_node *list)
{
	const struct list_node *node;
	const struct item *item;
	int forward = 0;
	int backward = 0;
	int weight = 1;

	list_for_each(item, list, link)
		forward = forward * 10 + item->value;
	for (node = list->prev; node != list; node = node->prev) {
		backward += weight *
			    list_entry(node, struct item, link)->value;
		weight *= 10;
	}
	CHECK_EQ(forward, backward);
	return forward;
}

static void operations(void)
{
	struct list_node list = LIST_INIT(list);
	struct list_node other = LIST_INIT(other);
	struct item items[6];
	struct item *item, *tmp;
	int i;

	CHECK(list_empty(&list));
	CHECK(!list_pop(&list));
	for (i = 0; i < 6; i++)
		items[i].value = i + 1;
	list_add(&items[0].link, &list);
	list_add_tail(&items[1].link, &list);
	list_add(&items[2].link, &list);
	CHECK_EQ(digits(&list), 312);
	CHECK(list_first(&list, struct item, link) == &items[2]);

	list_splice(&other, &list);
	CHECK_EQ(digits(&list), 312);
	list_add_tail(&items[3].link, &other);
	list_add_tail(&items[4].link, &other);
	list_splice(&other, &list);
	CHECK_EQ(digits(&list), 45312);
	CHECK(list_empty(&other));

	list_del(&items[4].link);
	CHECK(list_empty(&items[4].link));
	list_del(&items[4].link);
	CHECK_EQ(digits(&list), 4312);
	CHECK(list_pop(&list) == &items[3].link);
	list_for_each_safe(item, tmp, &list, link) {
		if (item->value != 1)
			list_del(&item->link);
	}
	CHECK_EQ(digits(&list), 1);
	CHECK(list_pop(&list) == &items[0].link && list_empty(&list));
}

static const struct unit_test tests[] = {
	UNIT_TEST(operations),
};

UNIT_MAIN(tests)
