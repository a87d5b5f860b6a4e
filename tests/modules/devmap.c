// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps the memory of QEMU's device ivshmem as drivers may that map it by faults: /dev/devmap.
 *
 * From offset 0 on each page is taken back when a file has it mapped the first time, before the
 * fault has ended; the next fault lets it be. From DEVMAP_LARGE on entries are of 2 MiB.
 */
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/pfn_t.h>
#include <linux/slab.h>

#include "host/compat.h"

#define DEVMAP_LARGE (1UL << 30 >> PAGE_SHIFT)
#define DEVMAP_PAGES 512
#define MEMORY_BAR 2

static struct pci_dev *device;

static unsigned long first_pfn(void)
{
	return pci_resource_start(device, MEMORY_BAR) >> PAGE_SHIFT;
}

static vm_fault_t small_fault(struct vm_fault *vmf)
{
	struct file *file = vmf->vma->vm_file;
	unsigned long *seen = file->private_data;
	vm_fault_t ret;

	ret = vmf_insert_pfn(vmf->vma, vmf->address, first_pfn() + vmf->pgoff);
	if (!test_and_set_bit(vmf->pgoff, seen))
		unmap_mapping_range(file->f_mapping, (loff_t)vmf->pgoff << PAGE_SHIFT, PAGE_SIZE,
				    1);
	return ret;
}

static vm_fault_t large_fault(struct vm_fault *vmf)
{
	return vmf_insert_pfn_pmd(vmf, __pfn_to_pfn_t(first_pfn(), PFN_DEV),
				  vmf->flags & FAULT_FLAG_WRITE);
}

static const struct vm_operations_struct small_ops = { .fault = small_fault };
static const struct vm_operations_struct large_ops = { .fault = large_fault };

static int devmap_mmap(struct file *file, struct vm_area_struct *vma)
{
	bool large = vma->vm_pgoff >= DEVMAP_LARGE;
	unsigned long first = vma->vm_pgoff - (large ? DEVMAP_LARGE : 0);

	if (first + vma_pages(vma) > DEVMAP_PAGES || !(vma->vm_flags & VM_SHARED) ||
	    (large && (vma_pages(vma) != DEVMAP_PAGES || vma->vm_start & ~PMD_MASK)))
		return -EINVAL;
	compat_vm_flags_set(vma, VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_page_prot = pgprot_noncached(vma->vm_page_prot);
	vma->vm_ops = large ? &large_ops : &small_ops;
	return 0;
}

static int devmap_open(struct inode *inode, struct file *file)
{
	file->private_data = bitmap_zalloc(DEVMAP_PAGES, GFP_KERNEL);
	return file->private_data ? 0 : -ENOMEM;
}

static int devmap_release(struct inode *inode, struct file *file)
{
	bitmap_free(file->private_data);
	return 0;
}

static const struct file_operations devmap_fops = {
	.owner = THIS_MODULE,
	.open = devmap_open,
	.release = devmap_release,
	.mmap = devmap_mmap,
};

static struct miscdevice devmap = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "devmap",
	.fops = &devmap_fops,
};

static int __init devmap_init(void)
{
	int err;

	device = pci_get_device(PCI_VENDOR_ID_REDHAT_QUMRANET, 0x1110, NULL);
	if (!device)
		return -ENODEV;
	err = -ENXIO;
	if (pci_resource_len(device, MEMORY_BAR) < DEVMAP_PAGES * PAGE_SIZE)
		goto put_device;
	err = misc_register(&devmap);
	if (err)
		goto put_device;
	return 0;

put_device:
	pci_dev_put(device);
	return err;
}

static void __exit devmap_exit(void)
{
	misc_deregister(&devmap);
	pci_dev_put(device);
}

module_init(devmap_init);
module_exit(devmap_exit);
MODULE_DESCRIPTION("device memory that is mapped by faults, for tests");
MODULE_LICENSE("GPL");
