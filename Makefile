# What takes longer than the test suite, or needs more than Python.

.PHONY: test-vscode

# The extension in VS Code itself: about four minutes, and three more the first time.
test-vscode:
	editors/vscode/test/run.sh
