# SPDX-License-Identifier: GPL-2.0-only
"""The parts of `bench/run`, one module each, and what they share."""
