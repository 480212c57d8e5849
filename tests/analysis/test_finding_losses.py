"""Which functions are losses: found by use first, by name last, and followed through helpers, classes and aliases."""

from __future__ import annotations

from tests.analysis.programs import diagnosed


def _found(source: str) -> list[tuple[str, list[str]]]:
    return [(each.loss, [cut.operation for cut in each.cuts]) for each in diagnosed(source)]


def test_a_metric_is_no_loss() -> None:
    source = """
        import numpy as np
        import torch

        def mae(p, y):
            return np.mean(np.abs(p.detach().numpy() - y.numpy()))

        def train(model, x, y):
            loss = ((model(x) - y) ** 2).mean()
            loss.backward()
            print(mae(model(x), y))
    """
    assert _found(source) == []


def test_the_same_function_is_a_loss_where_it_is_differentiated() -> None:
    source = """
        import numpy as np
        import torch

        def mae(p, y):
            return np.mean(np.abs(p.detach().numpy() - y.numpy()))

        def train(model, x, y):
            loss = torch.tensor(mae(model(x), y))
            loss.backward()
    """
    assert _found(source) == [("mae", ["p.detach().numpy()"])]


def test_a_numpy_reference_that_nobody_uses_is_silent() -> None:
    source = """
        import numpy as np
        import torch

        def reference_loss(p, y):
            return np.mean(np.abs(p - y))
    """
    assert _found(source) == []


def test_a_named_loss_that_gives_a_tensor_is_found_unused() -> None:
    source = """
        import numpy as np
        import torch

        def smooth_loss(prediction, target):
            error = np.abs(prediction.detach().numpy() - target.numpy())
            return torch.from_numpy(error).mean()
    """
    assert _found(source) == [("smooth_loss", ["prediction.detach().numpy()"])]


def test_words_are_matched_not_letters() -> None:
    source = """
        import torch

        def index_of_indices(prediction):
            return torch.tensor(prediction.detach().numpy())
    """
    assert _found(source) == []


def test_helpers_are_followed_to_the_line_that_cuts() -> None:
    source = """
        import torch

        def flat(t):
            return t.detach().numpy().reshape(-1)

        def dice_loss(p, y):
            return 1 - (torch.from_numpy(flat(p)) * torch.from_numpy(flat(y))).sum()

        def step(net, x, y):
            dice_loss(net(x), y).backward()
    """
    assert _found(source) == [("dice_loss", ["t.detach().numpy()"])]


def test_keras_losses_are_found_by_compile_and_by_class() -> None:
    source = """
        import keras
        import numpy as np

        class Pinball(keras.losses.Loss):
            def call(self, y_true, y_pred):
                return np.mean(np.maximum(y_true - y_pred, 0.0))

        def rmse(y_true, y_pred):
            return np.sqrt(np.mean(y_true - y_pred))

        model.compile("adam", loss=rmse)
        other.compile("adam", loss=Pinball())
    """
    assert _found(source) == [
        ("Pinball.call", ["np.maximum(y_true - y_pred, 0.0)"]),
        ("rmse", ["np.mean(y_true - y_pred)"]),
    ]


def test_metrics_of_compile_are_left_alone() -> None:
    source = """
        import keras
        import numpy as np

        def gap(y_true, y_pred):
            return np.mean(np.abs(y_true - y_pred))

        model.compile("adam", loss="mse", metrics=[gap])
    """
    assert _found(source) == []


def test_aliases_of_every_import_are_seen_through() -> None:
    source = """
        import numpy
        import torch as T
        from numpy import abs as nabs, mean

        loss_of = lambda p, y: T.tensor(mean(nabs(p - y)))

        def step(model, x, y):
            loss_of(model(x), y).backward()
    """
    assert _found(source) == [("loss_of", ["nabs(p - y)"])]


def test_a_shadowed_np_is_not_numpy() -> None:
    source = """
        import torch
        import torch as np

        def loss_fn(p, y):
            return np.abs(p - y).mean()

        def step(model, x, y):
            loss_fn(model(x), y).backward()
    """
    assert _found(source) == []


def test_a_local_function_called_mean_is_followed_not_guessed() -> None:
    source = """
        import torch

        def mean(values):
            return values.sum() / len(values)

        def step(model, x, y):
            mean((model(x) - y) ** 2).backward()
    """
    assert _found(source) == []


def test_gan_critic_on_detached_fakes_is_right() -> None:
    source = """
        import torch

        def step(generator, critic, real, z):
            fake = generator(z)
            loss = critic(fake.detach()).mean() - critic(real).mean()
            loss.backward()
    """
    assert _found(source) == []


def test_what_an_unknown_object_computes_is_not_judged() -> None:
    source = """
        import torch

        def step(judge, fake):
            loss = judge.compare(fake.detach())
            loss.backward()
    """
    assert _found(source) == []


def test_a_list_of_detached_losses_is_found_at_the_list() -> None:
    source = """
        import torch

        def step(model, batches):
            losses = []
            for x, y in batches:
                losses.append((model(x) - y).abs().mean())
            torch.tensor(losses).sum().backward()
    """
    assert _found(source) == [("step", ["torch.tensor(losses)"])]


def test_values_logged_after_the_step_are_right() -> None:
    source = """
        import numpy as np
        import tensorflow as tf

        def step(model, x, y, history):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(model(x) - y))
            gradients = tape.gradient(loss, model.trainable_variables)
            history.append(np.mean(loss.numpy()))
            return gradients
    """
    assert _found(source) == []


def test_the_last_operation_outside_the_tape_is_found() -> None:
    source = """
        import tensorflow as tf

        def step(model, x, y):
            with tf.GradientTape() as tape:
                value = tf.reduce_mean(model(x) - y)
            loss = -value
            return tape.gradient(loss, model.trainable_variables)
    """
    assert _found(source) == [("step", ["-value"])]


def test_an_expression_of_thousands_of_terms_does_not_stop_the_rest() -> None:
    table = "TABLE = " + " + ".join(["'a'"] * 900) + "\n"
    source = (
        f"import numpy as np\nimport torch\n{table}\n\ndef mae(p, y):\n    return np.abs(p - y).mean()\n\n\n"
        "def step(model, x, y):\n    mae(model(x), y).backward()\n"
    )
    assert _found(source) == [("mae", ["np.abs(p - y)"])]


def test_a_function_with_a_gradient_of_its_own_cuts_nothing() -> None:
    source = """
        import tensorflow as tf

        @tf.custom_gradient
        def hard(x):
            return tf.round(x), lambda upstream: upstream

        def q_loss(y_true, y_pred):
            return tf.reduce_mean(tf.abs(hard(y_pred) - y_true))

        model.compile("adam", loss=q_loss)
    """
    assert _found(source) == []


def test_an_autograd_function_cuts_nothing() -> None:
    source = """
        import torch

        class Sign(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return torch.sign(x)

            @staticmethod
            def backward(ctx, upstream):
                return upstream

        def step(model, x, y):
            (Sign.apply(model(x)) - y).abs().mean().backward()
    """
    assert _found(source) == []


def test_assignment_on_detached_costs_is_right() -> None:
    source = """
        import torch
        from scipy.optimize import linear_sum_assignment

        def matched_loss(prediction, target):
            cost = torch.cdist(prediction, target)
            rows, columns = linear_sum_assignment(cost.detach().cpu().numpy())
            return (prediction[rows] - target[columns]).abs().mean()

        def step(model, x, y):
            matched_loss(model(x), y).backward()
    """
    assert _found(source) == []


def test_a_loss_that_calls_numpys_gradient_is_still_a_loss() -> None:
    source = """
        import numpy as np
        import torch

        def smoothness_loss(prediction):
            return torch.tensor(np.mean(np.gradient(prediction.detach().numpy()) ** 2))

        def step(model, x):
            smoothness_loss(model(x)).backward()
    """
    assert _found(source) == [("smoothness_loss", ["prediction.detach().numpy()"])]


def test_a_model_is_known_by_its_parameters_whatever_its_name() -> None:
    source = """
        import tensorflow as tf

        def gap(y, p):
            return tf.reduce_mean(tf.abs(y - p.numpy()))

        def step(m, x, y):
            with tf.GradientTape() as tape:
                value = gap(y, m(x))
            return tape.gradient(value, m.trainable_variables)
    """
    assert _found(source) == [("gap", ["p.numpy()"])]


def test_what_is_no_model_by_name_or_use_gives_no_prediction() -> None:
    source = """
        import torch

        def step(fetch, x, y):
            value = torch.tensor((fetch(x) - y).abs().mean().item())
            value.backward()
    """
    assert _found(source) == []


def test_a_temperature_as_a_number_beside_a_policy_that_is_not_seen_is_right() -> None:
    source = """
        import torch

        class Agent(Base):
            def train(self, batch):
                alpha = self.log_alpha.exp().item()
                temperature = torch.exp(self.log_alpha.detach())
                action, log_prob = self.actor.sample_with_log_prob(batch.states)
                value = self.critic(batch.states, action)
                (alpha * log_prob - value).mean().backward()
                (temperature * log_prob).mean().backward()
    """
    assert _found(source) == []


def test_a_codebook_is_moved_towards_what_is_detached() -> None:
    source = """
        import torch
        import torch.nn.functional as F

        class Quantizer(torch.nn.Module):
            def __init__(self, codebook, projection):
                self.projection = torch.nn.Linear(4, 4)
                self._codebook = codebook

            def forward(self, x):
                x = self.projection(x)
                quantized, indices = self._codebook.look_up(x)
                loss = F.mse_loss(self.pick(indices), x.detach())
                loss.backward()
                return quantized
    """
    assert _found(source) == []


def test_a_model_moved_to_a_device_is_still_that_model() -> None:
    source = """
        import numpy as np
        import torch

        class Net(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.layer = torch.nn.Linear(4, 1)

            def forward(self, x):
                return self.layer(x)

        f = Net().to("cuda").train()
        for x, y in samples:
            np.mean(np.abs(f(x) - y)).backward()
    """
    assert _found(source) == [("<module>", ["np.abs(f(x) - y)"])]


def test_what_a_loss_is_made_with_is_no_prediction() -> None:
    source = """
        import numpy as np
        import torch

        class WassersteinLoss(torch.nn.Module):
            def __init__(self, distances):
                self.distances = torch.from_numpy(distances)

            def forward(self, prediction, target):
                return (self.distances * (prediction - target)).mean()
    """
    assert _found(source) == []
