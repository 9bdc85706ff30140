"""Side-by-side measurements against peers in the same run. `make bench` runs them and writes docs/benchmarks.md."""
