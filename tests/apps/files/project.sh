#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Writes a small C project into the working directory: two parts, each an object, in a
# static library and a program that calls all of them.

parts="1 2"

for i in $parts; do
	cat > "part$i.c" <<-END
	#include <stdio.h>
	#include "parts.h"

	static unsigned int state = $i;

	static unsigned int next(void)
	{
		return state = state * 1664525u + 1013904223u;
	}

	unsigned int part$i(char *text, size_t len)
	{
		unsigned int sum = 0;
		int i;

		for (i = 0; i < 1000 * $i; i++)
			sum += next() >> 16;
		snprintf(text, len, "part %d: %u", $i, sum);
		return sum;
	}
	END
done

{
	echo '#include <stddef.h>'
	for i in $parts; do
		echo "unsigned int part$i(char *text, size_t len);"
	done
} > parts.h

{
	printf '#include <stdio.h>\n#include "parts.h"\n\nint main(void)\n{\n'
	printf '\tchar text[64];\n\tunsigned int sum = 0;\n\n'
	for i in $parts; do
		printf '\tsum ^= part%d(text, sizeof(text));\n\tputs(text);\n' "$i"
	done
	printf '\tprintf("%%u\\n", sum);\n\treturn sum %% 100;\n}\n'
} > main.c

cat > Makefile <<'END'
CFLAGS = -O2 -Wall -Werror
objects := $(patsubst %.c,%.o,$(filter-out main.c,$(wildcard *.c)))

program: main.o libparts.a
	$(CC) -o $@ $^

libparts.a: $(objects)
	ar rcs $@ $^

%.o: %.c parts.h
	$(CC) $(CFLAGS) -c -o $@ $<

clean:
	rm -f *.o *.a program

.PHONY: clean
END
