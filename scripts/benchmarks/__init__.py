"""The parts of scripts/benchmark.py: one generated province, the contenders that judge it, and what is measured."""
