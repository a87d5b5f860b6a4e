# SPDX-License-Identifier: GPL-2.0-only
# What fails is told.
use strict;
use warnings;
use Test::More tests => 2;

ok(1, 'passes');
ok(0, 'fails');
