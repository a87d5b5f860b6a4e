# SPDX-License-Identifier: GPL-2.0-only
"""The sandbox's virtual machines, for sandbox/vm and the test runner."""
