"""Compare the benchmark's scores with the floor: `check_floor.py scores.json floor-cases`; status 1 when below it."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path


def shortfalls(scores: dict[str, dict[str, str]], floor: dict[str, int]) -> list[str]:
    """What is below the floor, in words."""
    right = Counter(row["expect"] for row in scores.values() if row["verdict"] == "ok")
    wrong = sum(row["verdict"] == "wrong" for row in scores.values())
    low = [f"{kind}: {right[kind]} right, {least} wanted" for kind, least in floor.items() if kind != "wrong"
           and right[kind] < least]  # fmt: skip
    return low + ([f"{wrong} wrong, at most {floor['wrong']} allowed"] if wrong > floor["wrong"] else [])


def main(scores: str, floor: str) -> int:
    rows = [line.split() for line in Path(floor).read_text().splitlines() if line and not line.startswith("#")]
    low = shortfalls(json.loads(Path(scores).read_text()), {kind: int(number) for kind, number in rows})
    print("below the floor: " + "; ".join(low) if low else "the benchmark is at or above its floor")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
