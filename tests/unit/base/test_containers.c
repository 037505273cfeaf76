/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/base/hash.h"
#include "lib/base/heap.h"
#include "lib/base/list.h"

static struct slice key_of(int i, char *room)
{
	snprintf(room, 20, "Key%d", i);
	return slice_str(room);
}

static void test_hash(void **state)
{
	static int values[1000];
	struct hash t;
	char room[20];
	size_t pos = 0, seen = 0;
	void *v;

	(void)state;
	hash_init(&t, 1000, true);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(hash_put(&t, key_of(i, room), &values[i], NULL), RC_OK);
	assert_int_equal(hash_put(&t, SLICE_LIT("more"), values, NULL), RC_LIMIT);
	assert_ptr_equal(hash_get(&t, SLICE_LIT("kEY77")), &values[77]);
	for (int i = 0; i < 1000; i += 2)
		assert_ptr_equal(hash_remove(&t, key_of(i, room)), &values[i]);
	assert_null(hash_get(&t, SLICE_LIT("key2")));
	assert_int_equal(hash_put(&t, SLICE_LIT("key3"), &values[0], &v), RC_OK);
	assert_ptr_equal(v, &values[3]);
	while (hash_next(&t, &pos, NULL, &v))
		seen++;
	assert_int_equal(seen, 500);
	for (int round = 0; round < 5000; round++) {
		assert_int_equal(hash_put(&t, key_of(100000 + round, room), values, NULL), RC_OK);
		assert_non_null(hash_remove(&t, key_of(100000 + round, room)));
	}
	assert_true(t.size <= 4096);
	hash_done(&t);
}

static void test_heap(void **state)
{
	struct heap h;
	struct heap_node nodes[200] = { 0 };
	int64_t last = -1;

	(void)state;
	heap_init(&h);
	for (int i = 0; i < 200; i++)
		heap_insert(&h, &nodes[i], (i * 7919) % 1000);
	for (int i = 0; i < 200; i += 3)
		heap_remove(&h, &nodes[i]);
	heap_remove(&h, &nodes[0]);
	for (int i = 1; i < 200; i += 3)
		heap_move(&h, &nodes[i], (i * 104729) % 1000);
	while (heap_top(&h) != NULL) {
		assert_true(heap_top(&h)->key >= last);
		last = heap_top(&h)->key;
		heap_remove(&h, heap_top(&h));
	}
	heap_done(&h);
}

static void test_list(void **state)
{
	struct item { int v; struct list link; } items[3];
	struct list head;
	int sum = 0;

	(void)state;
	list_init(&head);
	for (int i = 0; i < 3; i++) {
		items[i].v = i + 1;
		list_append(&head, &items[i].link);
	}
	LIST_EACH(node, &head) {
		struct item *it = LIST_ENTRY(node, struct item, link);

		sum = sum * 10 + it->v;
		list_remove(node);
		list_remove(node);
	}
	assert_int_equal(sum, 123);
	assert_true(list_is_empty(&head) && list_pop(&head) == NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash), cmocka_unit_test(test_heap),
		cmocka_unit_test(test_list),
	};

	return cmocka_run_group_tests_name("containers", tests, NULL, NULL);
}
