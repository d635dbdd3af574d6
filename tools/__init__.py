"""What the Makefile calls: the environment, the tests, the checks, the benchmark."""
