# SPDX-License-Identifier: GPL-2.0-only
# A program of 32 bits that needs no library.
	.globl _start
_start:
	movl	$4, %eax	# write
	movl	$1, %ebx
	movl	$text, %ecx
	movl	$end - text, %edx
	int	$0x80
	movl	$1, %eax	# exit
	movl	$7, %ebx
	int	$0x80
	.data
text:
	.ascii	"run by 32 bits\n"
end:
