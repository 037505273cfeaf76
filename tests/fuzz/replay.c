/* tests/fuzz/replay.c - feed a fuzz target every file of its corpus; linked into the target.
 *
 * Usage: fuzz_NAME [FILE|DIRECTORY ...]. Without arguments the corpus is found by the program's
 * name: $srcdir/tests/fuzz/corpus/NAME. Each file is also tried cut short at a few places. */
/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	uint8_t *data;
	size_t n;

	if (f == NULL || fstat(fileno(f), &st) != 0) {
		perror(path);
		return -1;
	}
	data = malloc((size_t)st.st_size + 1);
	n = fread(data, 1, (size_t)st.st_size, f);
	fclose(f);
	for (size_t part = 0; part <= 8; part++) {
		size_t cut = n * part / 8;
		uint8_t *exact = malloc(cut > 0 ? cut : 1);

		memcpy(exact, data, cut);
		LLVMFuzzerTestOneInput(exact, cut);
		free(exact);
	}
	free(data);
	return 1;
}

static int replay_directory(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	int count = 0;

	if (d == NULL) {
		perror(path);
		return -1;
	}
	while ((e = readdir(d)) != NULL) {
		char file[4096];

		if (e->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, e->d_name);
		if (replay_file(file) > 0)
			count++;
	}
	closedir(d);
	return count;
}

static int replay(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		perror(path);
		return -1;
	}
	return S_ISDIR(st.st_mode) ? replay_directory(path) : replay_file(path);
}

int main(int argc, char **argv)
{
	int total = 0;

	if (argc > 1) {
		for (int i = 1; i < argc; i++)
			total += replay(argv[i]);
	} else {
		const char *srcdir = getenv("srcdir");
		const char *name = strstr(argv[0], "fuzz_");
		char dir[4096];

		snprintf(dir, sizeof(dir), "%s/tests/fuzz/corpus/%s", srcdir != NULL ? srcdir : ".",
			 name != NULL ? name + strlen("fuzz_") : argv[0]);
		total = replay(dir);
	}
	printf("%d inputs replayed\n", total);
	return total > 0 ? 0 : 1;
}
