// SPDX-License-Identifier: GPL-2.0-only
/* Formatted output into a buffer; see printf.h. */
#include "lwk/lib/printf.h"

#include "lwk/lib/string.h"

#define NO_PRECISION (-1)
#define FIELD_MAX 65535 /* bound of width and precision: keeps sums in int */

/* Where the output goes: what does not fit is counted only. */
struct output {
	char *buf;
	size_t len;
	size_t pos;
};

/* How wide the argument of an integer conversion is. */
enum int_size {
	SIZE_CHAR,
	SIZE_SHORT,
	SIZE_INT,
	SIZE_LONG,
};

/* One conversion of the format. */
struct conversion {
	bool left;
	bool zero;
	bool plus;
	bool space;
	bool alternate;
	int width;
	int precision;
	enum int_size size;
	char type;
};

static void put_char(struct output *out, char c)
{
	if (out->pos < out->len)
		out->buf[out->pos] = c;
	out->pos++;
}

static void put_repeated(struct output *out, char c, int count)
{
	while (count-- > 0)
		put_char(out, c);
}

static void put_text(struct output *out, const char *text, int len)
{
	while (len-- > 0)
		put_char(out, *text++);
}

static void put_padded(struct output *out, const struct conversion *conv,
		       const char *text, int len)
{
	if (!conv->left)
		put_repeated(out, ' ', conv->width - len);
	put_text(out, text, len);
	if (conv->left)
		put_repeated(out, ' ', conv->width - len);
}

/* Write @value backwards, ending before @end; no digit at all for 0. */
static char *format_digits(char *end, u64 value, u32 base, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	for (; value; value /= base)
		*--end = digits[value % base];
	return end;
}

/* @prefix is the sign or 0x, written before zeroes and digits. */
static void put_number(struct output *out, const struct conversion *conv,
		       u64 value, u32 base, const char *prefix)
{
	char text[24]; /* 2^64 - 1 in octal has 22 digits */
	char *end = text + sizeof(text);
	char *digits = format_digits(end, value, base, conv->type == 'X');
	int ndigits = (int)(end - digits);
	int prefix_len = (int)strlen(prefix);
	int min_digits = conv->precision;
	int zeroes, total;

	if (min_digits == NO_PRECISION) {
		min_digits = 1;
		if (conv->zero && !conv->left)
			min_digits = MAX(1, conv->width - prefix_len);
	}
	/* The alternate form of octal has a leading zero, counted as digit. */
	if (base == 8 && conv->alternate && min_digits <= ndigits)
		min_digits = ndigits + (value != 0 || !min_digits);
	zeroes = MAX(0, min_digits - ndigits);
	total = prefix_len + zeroes + ndigits;

	if (!conv->left)
		put_repeated(out, ' ', conv->width - total);
	put_text(out, prefix, prefix_len);
	put_repeated(out, '0', zeroes);
	put_text(out, digits, ndigits);
	if (conv->left)
		put_repeated(out, ' ', conv->width - total);
}

static void put_signed(struct output *out, const struct conversion *conv,
		       s64 value)
{
	const char *sign = "";
	u64 magnitude = (u64)value;

	if (value < 0) {
		sign = "-";
		magnitude = -magnitude;
	} else if (conv->plus) {
		sign = "+";
	} else if (conv->space) {
		sign = " ";
	}
	put_number(out, conv, magnitude, 10, sign);
}

static void put_unsigned(struct output *out, const struct conversion *conv,
			 u64 value)
{
	const char *prefix = "";
	u32 base = 10;

	if (conv->type == 'o')
		base = 8;
	if (conv->type == 'x' || conv->type == 'X')
		base = 16;
	if (base == 16 && conv->alternate && value)
		prefix = conv->type == 'x' ? "0x" : "0X";
	put_number(out, conv, value, base, prefix);
}

static void put_pointer(struct output *out, struct conversion *conv, u64 value)
{
	conv->type = 'x';
	conv->precision = 16;
	put_number(out, conv, value, 16, "0x");
}

static void put_string(struct output *out, const struct conversion *conv,
		       const char *text)
{
	size_t max = conv->precision == NO_PRECISION ? FIELD_MAX * 16 :
						       (size_t)conv->precision;

	if (!text)
		text = "(null)";
	put_padded(out, conv, text, (int)strnlen(text, max));
}

static const char *parse_flags(const char *fmt, struct conversion *conv)
{
	for (;; fmt++) {
		switch (*fmt) {
		case '-':
			conv->left = true;
			break;
		case '0':
			conv->zero = true;
			break;
		case '+':
			conv->plus = true;
			break;
		case ' ':
			conv->space = true;
			break;
		case '#':
			conv->alternate = true;
			break;
		default:
			return fmt;
		}
	}
}

static const char *parse_field(const char *fmt, int *field)
{
	*field = 0;
	for (; *fmt >= '0' && *fmt <= '9'; fmt++)
		*field = MIN(*field * 10 + (*fmt - '0'), FIELD_MAX);
	return fmt;
}

static const char *parse_size_modifier(const char *fmt, struct conversion *conv)
{
	conv->size = SIZE_INT;
	if (*fmt == 'l' || *fmt == 'z') {
		conv->size = SIZE_LONG;
		return fmt[0] == 'l' && fmt[1] == 'l' ? fmt + 2 : fmt + 1;
	}
	if (*fmt == 'h') {
		conv->size = fmt[1] == 'h' ? SIZE_CHAR : SIZE_SHORT;
		return fmt[1] == 'h' ? fmt + 2 : fmt + 1;
	}
	return fmt;
}

/* A va_list parameter decays to a pointer on some ABIs; in a struct it cannot. */
struct arguments {
	va_list list;
};

/* Read one conversion behind its %; returns the character behind it. */
static const char *parse_conversion(const char *fmt, struct conversion *conv,
				    struct arguments *args)
{
	*conv = (struct conversion){ .precision = NO_PRECISION };
	fmt = parse_flags(fmt, conv);
	if (*fmt == '*') {
		conv->width = va_arg(args->list, int);
		if (conv->width < 0) {
			conv->left = true;
			conv->width = conv->width < -FIELD_MAX ? FIELD_MAX :
								 -conv->width;
		}
		conv->width = MIN(conv->width, FIELD_MAX);
		fmt++;
	} else {
		fmt = parse_field(fmt, &conv->width);
	}
	if (*fmt == '.' && fmt[1] == '*') {
		conv->precision = MIN(va_arg(args->list, int), FIELD_MAX);
		if (conv->precision < 0)
			conv->precision = NO_PRECISION;
		fmt += 2;
	} else if (*fmt == '.') {
		fmt = parse_field(fmt + 1, &conv->precision);
	}
	fmt = parse_size_modifier(fmt, conv);
	conv->type = *fmt;
	return *fmt ? fmt + 1 : fmt;
}

static s64 signed_argument(enum int_size size, struct arguments *args)
{
	if (size == SIZE_LONG)
		return va_arg(args->list, long);
	if (size == SIZE_SHORT)
		return (short)va_arg(args->list, int);
	if (size == SIZE_CHAR)
		return (signed char)va_arg(args->list, int);
	return va_arg(args->list, int);
}

static u64 unsigned_argument(enum int_size size, struct arguments *args)
{
	if (size == SIZE_LONG)
		return va_arg(args->list, unsigned long);
	if (size == SIZE_SHORT)
		return (u16)va_arg(args->list, unsigned int);
	if (size == SIZE_CHAR)
		return (u8)va_arg(args->list, unsigned int);
	return va_arg(args->list, unsigned int);
}

/* Print one conversion; false if its type is not known. */
static bool put_conversion(struct output *out, struct conversion *conv,
			   struct arguments *args)
{
	char c;

	switch (conv->type) {
	case '%':
		put_char(out, '%');
		return true;
	case 'c':
		c = (char)va_arg(args->list, int);
		put_padded(out, conv, &c, 1);
		return true;
	case 's':
		put_string(out, conv, va_arg(args->list, const char *));
		return true;
	case 'd':
	case 'i':
		put_signed(out, conv, signed_argument(conv->size, args));
		return true;
	case 'u':
	case 'o':
	case 'x':
	case 'X':
		put_unsigned(out, conv, unsigned_argument(conv->size, args));
		return true;
	case 'p':
		put_pointer(out, conv, (u64)va_arg(args->list, void *));
		return true;
	default:
		return false;
	}
}

int vsnprintf(char *buf, size_t len, const char *fmt, va_list args)
{
	struct output out = { .buf = buf, .len = len };
	struct arguments copy;
	struct conversion conv;
	const char *start;

	va_copy(copy.list, args);
	while (*fmt) {
		if (*fmt != '%') {
			put_char(&out, *fmt++);
			continue;
		}
		start = fmt;
		fmt = parse_conversion(fmt + 1, &conv, &copy);
		if (!put_conversion(&out, &conv, &copy)) {
			/* Without its size, later arguments cannot be found. */
			put_text(&out, start, (int)strlen(start));
			break;
		}
	}
	va_end(copy.list);
	if (len)
		buf[MIN(out.pos, len - 1)] = '\0';
	return (int)out.pos;
}

int snprintf(char *buf, size_t len, const char *fmt, ...)
{
	va_list args;
	int ret;

	va_start(args, fmt);
	ret = vsnprintf(buf, len, fmt, args);
	va_end(args);
	return ret;
}

int scnprintf(char *buf, size_t len, const char *fmt, ...)
{
	va_list args;
	int ret;

	va_start(args, fmt);
	ret = vsnprintf(buf, len, fmt, args);
	va_end(args);
	if (!len)
		return 0;
	return ret < (int)len ? ret : (int)len - 1;
}
