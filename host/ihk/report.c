// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sentence that explains a failed request.
 *
 * Code deep inside calls ihk_report() where the error is born. The thread's
 * request, if it serves one, is looked up by the thread itself, so no
 * function in between needs to pass it on. The first sentence of a request stays:
 * later ones come from undoing.
 */
#define pr_fmt(fmt) "ihk: " fmt

#include "partition.h"

#include <linux/export.h>
#include <linux/string.h>

static DEFINE_SPINLOCK(requests_lock);
static LIST_HEAD(requests); /* protected by requests_lock */

void ihk_request_begin(struct ihk_request *request, bool log)
{
	request->task = current;
	request->log = log;
	request->text[0] = '\0';
	spin_lock(&requests_lock);
	list_add(&request->link, &requests);
	spin_unlock(&requests_lock);
}

void ihk_request_end(struct ihk_request *request)
{
	spin_lock(&requests_lock);
	list_del(&request->link);
	spin_unlock(&requests_lock);
}

/* Returns whether the sentence is for the log too. */
static bool keep_sentence(const char *text)
{
	struct ihk_request *request;
	bool log;

	log = true;
	spin_lock(&requests_lock);
	list_for_each_entry(request, &requests, link) {
		if (request->task != current)
			continue;
		log = request->log;
		if (!request->text[0])
			strscpy(request->text, text, sizeof(request->text));
		break;
	}
	spin_unlock(&requests_lock);
	return log;
}

int ihk_report(int err, const char *fmt, ...)
{
	char text[IHK_ERROR_LEN];
	va_list args;

	va_start(args, fmt);
	vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (keep_sentence(text))
		pr_warn_ratelimited("%s\n", text);
	return err;
}
EXPORT_SYMBOL_GPL(ihk_report);
