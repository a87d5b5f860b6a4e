// SPDX-License-Identifier: GPL-2.0-only
/*
 * A pseudo-terminal, both ends: modes, line editing, window size, and the signal that a
 * character sends.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "app.h"

static volatile sig_atomic_t came;

static void handler(int number)
{
	came = number;
}

int main(void)
{
	struct winsize size = { .ws_row = 33, .ws_col = 99 };
	struct termios modes;
	char buf[64] = "";
	size_t len;
	ssize_t got;
	int master;
	int slave;

	SHOW(isatty(0));
	SHOW(tcgetattr(0, &modes));
	SHOW(setsid() > 0 || errno == EPERM);
	MUST((master = posix_openpt(O_RDWR | O_NOCTTY)) >= 0);
	MUST(grantpt(master) == 0 && unlockpt(master) == 0);
	MUST((slave = open(ptsname(master), O_RDWR | O_NOCTTY)) >= 0);
	SHOW(isatty(slave));
	SHOW(ioctl(master, TIOCSWINSZ, &size));
	memset(&size, 0, sizeof(size));
	SHOW(ioctl(slave, TIOCGWINSZ, &size));
	printf("%d x %d\n", size.ws_row, size.ws_col);
	MUST(tcgetattr(slave, &modes) == 0);
	printf("%#x %#x %#x %#x\n", modes.c_iflag, modes.c_oflag, modes.c_cflag, modes.c_lflag);
	MUST(write(master, "lime\177e\n", 7) == 7);
	SHOW(read(slave, buf, sizeof(buf)));
	printf("%.5s", buf);
	MUST(write(slave, "a\nb", 3) == 3);
	/* The echo, too, which comes in pieces: "lime", back, blank, back, "e", and the line's end. */
	for (len = 0; len < 10 + 4; len += (size_t)got)
		MUST((got = read(master, buf, sizeof(buf))) > 0);
	SHOW(len);
	modes.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	modes.c_cc[VMIN] = 2;
	modes.c_cc[VTIME] = 0;
	SHOW(tcsetattr(slave, TCSANOW, &modes));
	MUST(write(master, "xyz", 3) == 3);
	SHOW(read(slave, buf, 2));
	SHOW(read(slave, buf, 1));
	signal(SIGINT, handler);
	SHOW(ioctl(slave, TIOCSCTTY, 0));
	SHOW(tcgetpgrp(slave) == getpgrp());
	MUST(write(master, "\003", 1) == 1);
	while (!came)
		usleep(1000);
	SHOW(came);
	close(slave);
	/* What was written may still be there. */
	while (read(master, buf, sizeof(buf)) > 0)
		;
	printf("%s\n", error_name(errno));
	return 0;
}
