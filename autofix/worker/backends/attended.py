"""Which modules, once a program has imported them, can be attended, and by which file of this folder."""

ATTENDED = {"torch": "torch_attend", "tensorflow": "tensorflow_attend", "keras": "tensorflow_attend"}
