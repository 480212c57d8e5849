"""What an optimizer holds: frozen for good, exchanged behind its back, or rightly so."""

from __future__ import annotations

import ast
import textwrap

import pytest

from autofix.analysis.trainable import untrained
from tests.analysis.programs import diagnosed

TRAIN = """
for x, y in batches:
    optimizer.zero_grad()
    criterion(model(x), y).backward()
    optimizer.step()
"""


def found(source: str) -> list[str]:
    return [ast.unparse(each) for each in untrained(ast.parse(textwrap.dedent(source)))]


def trained(setup: str) -> list[str]:
    """Return what is said of a setup that is then trained with `optimizer`."""
    head = "import torch\nfrom torch import nn, optim\nimport torchvision\n"
    return found(head + textwrap.dedent(setup) + TRAIN)


BROKEN = {
    "frozen with the new head": (
        """
        model = torchvision.models.resnet18()
        model.fc = nn.Linear(512, 10)
        for p in model.parameters():
            p.requires_grad = False
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        """,
        "p.requires_grad = False",
    ),
    "frozen whole, the head given to the optimizer": (
        """
        model = torchvision.models.vgg16()
        model.requires_grad_(False)
        optimizer = torch.optim.Adam(model.classifier.parameters())
        """,
        "model.requires_grad_(False)",
    ),
    "filtered to nothing": (
        """
        model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
        for name, p in model.named_parameters():
            p.requires_grad_(False)
        optimizer = optim.AdamW(filter(lambda p: p.requires_grad, model.parameters()), lr=0.1)
        """,
        "p.requires_grad_(False)",
    ),
    "the head exchanged behind the optimizer": (
        """
        model = torchvision.models.resnet18()
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        model.fc = nn.Linear(512, 10)
        """,
        "optim.SGD(model.parameters(), lr=0.1)",
    ),
    "the old head in the optimizer": (
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.body, self.head = nn.Linear(2, 3), nn.Linear(3, 10)

        def build():
            model = Net()
            optimizer = optim.Adam(params=model.parameters())
            model.head = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
            return model, optimizer

        model, optimizer = build()
        """,
        "optim.Adam(params=model.parameters())",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_an_optimizer_without_anything_to_train_is_found(name: str) -> None:
    setup, place = BROKEN[name]

    assert trained(setup) == [place]


RIGHT = {
    "a new head on a frozen body": """
        model = torchvision.models.resnet18()
        for p in model.parameters():
            p.requires_grad = False
        model.fc = nn.Linear(512, 10)
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        """,
    "only the body is frozen": """
        model = Net()
        for p in model.features.parameters():
            p.requires_grad = False
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        """,
    "some are frozen by name": """
        model = Net()
        for name, p in model.named_parameters():
            if "head" not in name:
                p.requires_grad = False
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        """,
    "unfrozen later": """
        model = Net()
        for p in model.parameters():
            p.requires_grad = False
        for p in model.head.parameters():
            p.requires_grad = True
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        """,
    "frozen if one wishes": """
        model = Net()
        if options.freeze:
            for p in model.parameters():
                p.requires_grad = False
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        """,
    "a frozen teacher": """
        teacher, model = Net(), Net()
        for p in teacher.parameters():
            p.requires_grad = False
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        """,
    "a momentum encoder": """
        import copy
        model = Net()
        key_encoder = copy.deepcopy(model)
        key_encoder.requires_grad_(False)
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        """,
    "the optimizer after the exchange": """
        model = torchvision.models.resnet18()
        model.fc = nn.Linear(512, 10)
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        """,
    "another optimizer for the new head": """
        model = torchvision.models.resnet18()
        body = optim.SGD(model.parameters(), lr=0.01)
        model.fc = nn.Linear(512, 10)
        optimizer = optim.SGD(model.fc.parameters(), lr=0.1)
        """,
    "nothing trained in place of the head": """
        model = torchvision.models.resnet18()
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        model.fc = nn.Identity()
        """,
    "the head wrapped": """
        model = torchvision.models.resnet18()
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        model.fc = nn.DataParallel(model.fc)
        """,
    "adapters put in by others": """
        model = Net()
        model.requires_grad_(False)
        add_adapters(model)
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        """,
    "adapters put into each module": """
        model = Net()
        model.requires_grad_(False)
        for module in model.modules():
            module.adapter = nn.Linear(4, 4)
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        """,
    "an input is trained": """
        model = Net()
        model.requires_grad_(False)
        delta = torch.zeros(3)
        optimizer = optim.SGD([delta], lr=0.1)
        """,
    "a prompt before a frozen model": """
        model, prompt = Net(), Prompt()
        model.requires_grad_(False)
        optimizer = optim.SGD(list(prompt.parameters()) + list(model.parameters()), lr=0.1)
        """,
}


@pytest.mark.parametrize("name", RIGHT)
def test_nothing_is_said_where_something_trains(name: str) -> None:
    assert trained(RIGHT[name]) == []


def test_what_is_frozen_after_its_training_is_right() -> None:
    assert (
        found("""
        import torch
        def fit_teacher(teacher, x, y):
            optimizer = torch.optim.Adam(teacher.parameters())
            for _ in range(9):
                criterion(teacher(x), y).backward()
            for p in teacher.parameters():
                p.requires_grad_(False)
            return teacher

        teacher = fit_teacher(Net(), x, y)
        student = Net()
        optimizer = torch.optim.SGD(student.parameters())
        criterion(student(x), teacher(x)).backward()
    """)
        == []
    )


def test_a_step_that_is_given_the_frozen_model_is_followed() -> None:
    assert found("""
        import torch
        def build():
            model = Net()
            for p in model.parameters():
                p.requires_grad = False
            return model

        def finetune(model, x, y):
            optimizer = torch.optim.SGD(model.head.parameters())
            criterion(model(x), y).backward()

        if __name__ == "__main__":
            model = build()
            finetune(model, x, y)
    """) == ["p.requires_grad = False"]


@pytest.mark.parametrize(
    ("setup", "sources", "expected"),
    [
        ("base.trainable = False", "base.trainable_variables", ["base.trainable = False"]),
        ("for layer in base.layers:\n    layer.trainable = False", "base.trainable_weights", []),
        ("base.trainable = False", "[]", ["[]"]),
        ("base.trainable = False\nhead = Dense(1)", "head.trainable_variables", []),
        ("base.trainable = False\nbase.trainable = True", "base.trainable_variables", []),
        ("base.trainable = False\nmodel = tf.keras.Sequential([base, Dense(1)])", "model.trainable_variables", []),
    ],
)
def test_what_a_tape_is_asked_for(setup: str, sources: str, expected: list[str]) -> None:
    text = f"import tensorflow as tf\nbase = tf.keras.applications.VGG16()\n{setup}\n"
    step = f"with tf.GradientTape() as tape:\n    loss = f(base(x))\ngrads = tape.gradient(loss, {sources})\n"

    assert found(text + step) == expected


def test_the_finding_names_the_cause_and_stands_alone() -> None:
    (fault,) = diagnosed(
        "import torch\nfrom torch import nn, optim\n"
        + textwrap.dedent(BROKEN["frozen whole, the head given to the optimizer"][0])
        + TRAIN
    )

    assert [(cut.code, cut.operation) for cut in fault.cuts] == [("AF305", "model.requires_grad_(False)")]
