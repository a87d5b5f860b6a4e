// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two processes in turn write into shared memory what the other one has to find. Semaphores say
 * whose turn it is. With SysV segments and with POSIX ones; the peer may run in another kernel.
 *
 *	ipc_peer create			makes them, prints "SHMID SEMID"
 *	ipc_peer play SHMID SEMID 0|1	one of the two
 *	ipc_peer end SHMID SEMID	what is left
 */
#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#include "app.h"

#define NAME "/mckernel-ipc-peer"
#define LEN (64 << 10)
#define WORDS (LEN / sizeof(unsigned int))
#define ROUNDS 50

static int create(void)
{
	int shm = shmget(IPC_PRIVATE, LEN, 0600);
	int sem = semget(IPC_PRIVATE, 2, 0600);
	int fd = shm_open(NAME, O_CREAT | O_TRUNC | O_RDWR, 0600);

	MUST(shm >= 0 && sem >= 0 && fd >= 0);
	MUST(!ftruncate(fd, LEN));
	MUST(!semctl(sem, 0, SETVAL, 1));
	printf("%d %d\n", shm, sem);
	return 0;
}

static void post(int sem, int number, int value)
{
	struct sembuf op = { (unsigned short)number, (short)value, 0 };

	MUST(!semop(sem, &op, 1));
}

static unsigned int step(unsigned int *words, unsigned int round)
{
	unsigned int bad = 0;

	for (size_t i = 0; i < WORDS; i += 111) {
		bad += words[i] != round * (unsigned int)i;
		words[i] = (round + 1) * (unsigned int)i;
	}
	return bad;
}

static int play(int shm, int sem, int me)
{
	unsigned int *system_v = shmat(shm, NULL, 0);
	int fd = shm_open(NAME, O_RDWR, 0);
	unsigned int *posix = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	unsigned int bad = 0;

	MUST(system_v != (void *)-1 && posix != MAP_FAILED);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		post(sem, me, -1);
		bad += step(system_v, 2 * round + (unsigned int)me);
		bad += step(posix, 2 * round + (unsigned int)me);
		post(sem, !me, 1);
	}
	return bad ? 1 : 0;
}

static int end(int shm, int sem)
{
	const unsigned int *words = shmat(shm, NULL, SHM_RDONLY);
	struct shmid_ds ds;

	MUST(words != (void *)-1);
	printf("%u\n", words[WORDS - 1 - (WORDS - 1) % 111]);
	SHOW(shmctl(shm, IPC_STAT, &ds));
	SHOW(ds.shm_nattch);
	SHOW(shmctl(shm, IPC_RMID, NULL));
	SHOW(semctl(sem, 0, IPC_RMID));
	SHOW(shm_unlink(NAME));
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return create();
	if (argc == 5)
		return play(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]));
	return end(atoi(argv[2]), atoi(argv[3]));
}
