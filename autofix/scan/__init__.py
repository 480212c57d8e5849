"""Which of many files nothing is wrong with: found in several processes, before any file is fixed."""
