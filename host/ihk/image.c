// SPDX-License-Identifier: GPL-2.0-only
/*
 * The LWK image: is it one of this build, and its copy into the boot area.
 *
 * The file is a private copy in kernel memory, so it does not change after its check.
 */
#define pr_fmt(fmt) "ihk: image: " fmt

#include "boot.h"

#include <linux/io.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "abi/layout.h"
#include "build_id.h"

static const struct elf_image_rules rules = {
	.va_start = LWK_IMAGE_VA,
	.va_end = LWK_IMAGE_VA + IHK_IMAGE_MAX_LEN,
	.max_len = IHK_IMAGE_MAX_LEN,
	.note_owner = IMAGE_NOTE_OWNER,
	.note_type = IMAGE_NOTE_TYPE,
	.note_len = sizeof(struct image_note),
};

int ihk_image_parse(const void *image, size_t len, struct elf_image *out)
{
	struct image_note note;
	const char *why;
	int err;

	err = elf_image_check(image, len, &rules, out, &why);
	if (err)
		return ihk_report(err == -EFBIG ? -E2BIG : err, "The image is refused: %s", why);

	memcpy(&note, out->note, sizeof(note));
	note.build_id[sizeof(note.build_id) - 1] = '\0';
	if (note.abi_version != BOOT_VERSION)
		return ihk_report(-ESTALE, "The image speaks boot protocol %u, this module %u",
				  note.abi_version, BOOT_VERSION);
	if (strcmp(note.build_id, MCK_BUILD_ID))
		return ihk_report(-ESTALE, "The image is of build %s, this module of build %s",
				  note.build_id, MCK_BUILD_ID);
	return 0;
}

int ihk_image_check(const void *image, size_t len)
{
	struct elf_image parsed;

	return ihk_image_parse(image, len, &parsed);
}

void ihk_image_load(const struct ihk_boot *boot, const void *image)
{
	const struct boot_range *to = &boot->layout.image;
	u32 i;

	memset(phys_to_virt(to->start), 0, to->end - to->start);
	for (i = 0; i < boot->image.nsegments; i++) {
		const struct elf_segment *seg = &boot->image.segments[i];

		memcpy(phys_to_virt(to->start + (seg->va - boot->image.va_start)),
		       image + seg->offset, seg->file_len);
	}
}
