# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For scripts NAME.host.sh, which the runner gives the driver in $VM, the machine in $VM_NAME.

# guest WORD...: a command line for bash, in the machine.
guest() {
	"$VM" exec --name "$VM_NAME" bash -c "$*"
}

# monitor WORD...: a command for QEMU's monitor.
monitor() {
	"$VM" monitor --name "$VM_NAME" "$@"
}
