// SPDX-License-Identifier: GPL-2.0-only
/*
 * First process of the sandbox's guest: serves the driver's virtio-serial ports,
 * each by a process of its own, starts those again that die, and reaps orphans.
 *
 * It must answer on a machine that is under heavy load or short of memory,
 * hence the priority and the exemption from the out-of-memory killer.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "port.h"

#define PORTS_DIR	"/sys/class/virtio-ports"
#define PORT_PREFIX	"exec."
#define MAX_PORTS	16

struct worker {
	pid_t pid;
	char path[64];
};

/* Ports of other uses carry other names. */
static int is_exec_port(const char *device)
{
	char path[320];
	char name[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s/name", PORTS_DIR, device);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (!fgets(name, sizeof(name), file))
		name[0] = '\0';
	fclose(file);
	return !strncmp(name, PORT_PREFIX, strlen(PORT_PREFIX));
}

static int find_ports(struct worker *workers)
{
	struct dirent *entry;
	int n = 0;
	DIR *dir;

	dir = opendir(PORTS_DIR);
	if (!dir)
		return -errno;
	while (n < MAX_PORTS && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || !is_exec_port(entry->d_name))
			continue;
		snprintf(workers[n].path, sizeof(workers[n].path),
			 "/dev/%.32s", entry->d_name);
		n++;
	}
	closedir(dir);
	return n;
}

static void start_worker(struct worker *worker)
{
	int err;

	worker->pid = fork();
	if (worker->pid != 0)
		return;
	err = port_serve(worker->path);
	fprintf(stderr, "agent: %s: %s\n", worker->path, strerror(-err));
	/* Its successor must not spin on a port that is broken for good. */
	sleep(1);
	_exit(1);
}

static void protect_self(void)
{
	int fd;

	setpriority(PRIO_PROCESS, 0, -20);
	fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "-1000", 5) != 5)
		perror("agent: oom_score_adj");
	close(fd);
}

int main(void)
{
	struct worker workers[MAX_PORTS];
	pid_t pid;
	int n;
	int i;

	n = find_ports(workers);
	if (n <= 0) {
		fprintf(stderr, "agent: no ports below %s\n", PORTS_DIR);
		return 1;
	}
	protect_self();
	for (i = 0; i < n; i++)
		start_worker(&workers[i]);
	for (;;) {
		pid = wait(NULL);
		for (i = 0; i < n; i++) {
			if (workers[i].pid == pid)
				start_worker(&workers[i]);
		}
	}
}
