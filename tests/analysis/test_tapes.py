"""Training steps with a tape: what is outside it, not watched, predicted or asked again; and what is right."""

from __future__ import annotations

import re
import textwrap

import pytest

from autofix.analysis.faults import TapeFault
from autofix.knowledge.causes import page
from autofix.model import Reason
from autofix.rewrite.tapes import fix_step
from tests.analysis.programs import diagnosed

HEAD = "import numpy as np\nimport tensorflow as tf\n"


def found(source: str) -> list[tuple[str, str]]:
    """Return code and operation of everything that is said of a program."""
    diagnoses = diagnosed(HEAD + textwrap.dedent(source))
    return [(cut.code, cut.operation) for each in diagnoses for cut in each.cuts]


def mended(source: str) -> str:
    """Return the program with its one step mended in the first way, from its own first line on."""
    text = HEAD + textwrap.dedent(source)
    (fault,) = diagnosed(text)
    assert isinstance(fault, TapeFault)
    candidates = fix_step(text, fault.tapes)
    assert not isinstance(candidates, Reason), candidates.text
    return candidates[0].removeprefix(HEAD)


def refused(source: str) -> str:
    (fault,) = diagnosed(HEAD + textwrap.dedent(source))
    assert isinstance(fault, TapeFault)
    candidates = fix_step(HEAD + textwrap.dedent(source), fault.tapes)
    assert isinstance(candidates, Reason)
    return candidates.text


OUTSIDE = {
    "the sign": (
        """
        def step(model, x, y):
            with tf.GradientTape() as tape:
                value = tf.reduce_mean(model(x) * y)
            loss = -value
            return tape.gradient(loss, model.trainable_variables)
        """,
        "-value",
    ),
    "a mean over replicas, in a train_step": (
        """
        class Net(tf.keras.Model):
            def train_step(self, data):
                x, y = data
                with tf.GradientTape() as tape:
                    y_pred = self(x, training=True)
                    losses = self.compute_loss(x, y, y_pred)
                loss = tf.reduce_mean(losses)
                gradients = tape.gradient(loss, self.trainable_variables)
                self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
                return {"loss": loss}
        """,
        "tf.reduce_mean(losses)",
    ),
    "the forward pass before the block": (
        """
        @tf.function
        def step(model, x, y):
            prediction = model(x, training=True)
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(prediction - y))
            return tape.gradient(loss, model.trainable_variables)
        """,
        "model(x, training=True)",
    ),
    "a penalty added afterwards": (
        """
        model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
        for x, y in dataset:
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((model(x) - y) ** 2)
            loss += 0.01 * tf.add_n([tf.nn.l2_loss(w) for w in model.trainable_weights])
            gradients = tape.gradient(loss, model.trainable_variables)
        """,
        "loss += 0.01 * tf.add_n([tf.nn.l2_loss(w) for w in model.trainable_weights])",
    ),
    "a loss of the file called outside": (
        """
        model = tf.keras.Sequential([tf.keras.layers.Dense(1)])

        def mse(p, y):
            return tf.reduce_mean((p - y) ** 2)

        for x, y in dataset:
            with tf.GradientTape() as tape:
                p = model(x)
            loss = mse(p, y)
            gradients = tape.gradient(loss, model.trainable_variables)
        """,
        "mse(p, y)",
    ),
    "in the call that asks": (
        """
        def step(w, x):
            with tf.GradientTape() as tape:
                out = tf.linalg.matvec(x, w)
            return tape.gradient(tf.reduce_sum(out), [w])
        """,
        "tf.reduce_sum(out)",
    ),
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_what_stands_outside_the_tape_is_found(name: str) -> None:
    source, operation = OUTSIDE[name]

    assert found(source) == [("AF301", operation)]


RIGHT = {
    "asked outside the block": """
        def step(model, x, y):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((model(x) - y) ** 2)
            variables = model.trainable_variables
            return tape.gradient(loss, variables), loss.numpy(), -loss
        """,
    "a teacher before the block": """
        def step(student, teacher, x):
            soft = teacher(x)
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((student(x) - soft) ** 2)
            return tape.gradient(loss, student.trainable_variables)
        """,
    "a target network's predict": """
        def step(online, target, s, s2, r):
            q2 = target.predict(s2)
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((online(s) - (r + 0.9 * np.max(q2, axis=1))) ** 2)
            return tape.gradient(loss, online.trainable_variables)
        """,
    "a critic on generated images": """
        def step(generator, critic, z, real):
            fake = generator(z, training=True)
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(critic(fake)) - tf.reduce_mean(critic(real))
            return tape.gradient(loss, critic.trainable_variables)
        """,
    "two tapes, two players": """
        def step(generator, discriminator, z, real):
            with tf.GradientTape() as gen_tape, tf.GradientTape() as disc_tape:
                fake = generator(z)
                on_fake, on_real = discriminator(fake), discriminator(real)
                g_loss = -tf.reduce_mean(on_fake)
                d_loss = tf.reduce_mean(on_fake) - tf.reduce_mean(on_real)
            g = gen_tape.gradient(g_loss, generator.trainable_variables)
            d = disc_tape.gradient(d_loss, discriminator.trainable_variables)
            return g, d
        """,
    "a gradient penalty": """
        def step(critic, real, fake):
            with tf.GradientTape() as tape:
                mixed = 0.5 * real + 0.5 * fake
                with tf.GradientTape() as gp_tape:
                    gp_tape.watch(mixed)
                    score = critic(mixed)
                slope = gp_tape.gradient(score, [mixed])[0]
                loss = tf.reduce_mean((tf.norm(slope, axis=1) - 1.0) ** 2)
            return tape.gradient(loss, critic.trainable_variables)
        """,
    "Grad-CAM": """
        def heatmap(grad_model, image, index):
            with tf.GradientTape() as tape:
                conv, predictions = grad_model(image)
                score = predictions[:, index]
            return tape.gradient(score, conv)
        """,
    "a style image that is a variable": """
        image = tf.Variable(content)

        @tf.function
        def train_step(image):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(extractor(image) ** 2)
            gradient = tape.gradient(loss, image)
            optimizer.apply_gradients([(gradient, image)])
            image.assign(tf.clip_by_value(image, 0.0, 1.0))
        """,
    "second derivatives": """
        def residual(model, x):
            with tf.GradientTape() as outer:
                outer.watch(x)
                with tf.GradientTape() as inner:
                    inner.watch(x)
                    u = model(x)
                u_x = inner.gradient(u, x)
            return outer.gradient(u_x, x)
        """,
    "columns of what is watched": """
        def residual(model, points):
            with tf.GradientTape() as tape:
                tape.watch(points)
                x, t = points[:, 0:1], points[:, 1:2]
                u = model(tf.concat([x, t], axis=1))
            return tape.gradient(u, x)
        """,
    "what is made of a list of watched tensors": """
        w, b = tf.constant(2.0), tf.constant(1.0)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch([w, b])
            inner = 3.0 * w + b
            outer = inner ** 2
        chain = tape.gradient(outer, [inner])[0] * tape.gradient(inner, [w])[0]
        """,
    "an argument made a tensor and watched": """
        def slopes(labels, logits):
            logits = tf.convert_to_tensor(logits)
            with tf.GradientTape() as tape:
                tape.watch(logits)
                loss = tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits)
            return loss, tape.gradient(loss, logits)
        """,
    "a loss that calls the networks itself": """
        class Agent:
            def _train(self, experience):
                experience = self._as_trajectory(self.collect_network(experience))
                variables = self._variables_to_train()
                with tf.GradientTape() as tape:
                    loss_info = self._loss(experience, training=True)
                return tape.gradient(loss_info.loss, variables)
        """,
    "a sum with a variable that nobody shows": """
        @tf.function
        def gradient(model, x, modifier):
            with tf.GradientTape() as tape:
                adv_image = modifier + x
                loss = tf.reduce_sum(model(adv_image))
            return tape.gradient(loss, adv_image)
        """,
    "persistent": """
        def step(a, b, x):
            with tf.GradientTape(persistent=True) as tape:
                loss = tf.reduce_mean(a(x) * b(x))
            first = tape.gradient(loss, a.trainable_variables)
            second = tape.gradient(loss, b.trainable_variables)
            del tape
            return first, second
        """,
    "one of two branches": """
        def step(a, b, x, flag):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(a(x) * b(x))
            if flag:
                return tape.gradient(loss, a.trainable_variables)
            return tape.gradient(loss, b.trainable_variables)
        """,
    "a tape for each turn": """
        for x in batches:
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(model(x))
            first = tape.gradient(loss, model.trainable_variables)
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(model(x) ** 2)
            second = tape.gradient(loss, model.trainable_variables)
        """,
    "predict after training": """
        def evaluate(model, x, y):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((model(x) - y) ** 2)
            gradients = tape.gradient(loss, model.trainable_variables)
            return np.mean((model.predict(x) - y) ** 2)
        """,
    "only what is asked for is watched": """
        def step(model, x, y):
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(model.trainable_variables)
                loss = tf.reduce_mean((model(x) - y) ** 2)
            return tape.gradient(loss, model.trainable_variables)
        """,
}


@pytest.mark.parametrize("name", RIGHT)
def test_nothing_is_said_of_a_step_that_is_right(name: str) -> None:
    assert found(RIGHT[name]) == []


UNWATCHED = {
    "an adversarial image": (
        """
        def attack(model, image, label):
            with tf.GradientTape() as tape:
                loss = criterion(label, model(image))
            return tf.sign(tape.gradient(loss, image))
        """,
        ["image"],
    ),
    "between real and fake": (
        """
        def penalty(critic, real, fake):
            mixed = real + 0.3 * (fake - real)
            with tf.GradientTape() as tape:
                score = critic(tf.cast(mixed, tf.float32))
            slope = tape.gradient(score, [mixed])[0]
            return tf.reduce_mean((tf.norm(slope, axis=1) - 1.0) ** 2)
        """,
        ["mixed"],
    ),
    "a physics model, twice": (
        """
        x = tf.random.uniform((8, 1))
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                u = model(x)
            u_x = inner.gradient(u, x)
        u_xx = outer.gradient(u_x, x)
        """,
        ["x", "x"],
    ),
    "watched by the inner tape only": (
        """
        def curvature(model, x):
            with tf.GradientTape() as outer:
                with tf.GradientTape() as inner:
                    inner.watch(x)
                    u = model(x)
                u_x = inner.gradient(u, x)
            return outer.gradient(u_x, x)
        """,
        ["x"],
    ),
}


@pytest.mark.parametrize("name", UNWATCHED)
def test_a_tensor_that_is_not_watched_is_found(name: str) -> None:
    source, operations = UNWATCHED[name]

    assert found(source) == [("AF302", each) for each in operations]


def test_predictions_of_what_is_trained_are_found_and_those_of_a_target_are_not() -> None:
    source = """
        def step(model, target_model, s, s2, r):
            with tf.GradientTape() as tape:
                q = model.predict(s, verbose=0)
                q2 = target_model.predict_on_batch(s2)
                loss = tf.reduce_mean((q - (r + 0.9 * q2)) ** 2)
            return tape.gradient(loss, model.trainable_variables)
        """

    assert found(source) == [("AF304", "model.predict(s, verbose=0)")]
    assert "q = model(s, training=True)\n        q2 = target_model.predict_on_batch(s2)" in mended(source)


def test_predict_before_the_block_moves_into_it() -> None:
    source = """
        def step(model, x, y):
            q = model.predict(x)
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((q - y) ** 2)
            return tape.gradient(loss, model.trainable_variables)
        """

    assert found(source) == [("AF304", "model.predict(x)")]
    assert mended(source) == textwrap.dedent("""
        def step(model, x, y):
            with tf.GradientTape() as tape:
                q = model(x, training=True)
                loss = tf.reduce_mean((q - y) ** 2)
            return tape.gradient(loss, model.trainable_variables)
        """)


def test_predict_of_a_method_is_found() -> None:
    source = """
        class Agent:
            def learn(self, s, y):
                with tf.GradientTape() as tape:
                    loss = tf.reduce_mean((self.policy.predict_on_batch(s) - y) ** 2)
                grads = tape.gradient(loss, self.policy.trainable_variables)
                self.optimizer.apply_gradients(zip(grads, self.policy.trainable_variables))
        """

    assert found(source) == [("AF304", "self.policy.predict_on_batch(s)")]
    assert "loss = tf.reduce_mean((self.policy(s, training=True) - y) ** 2)" in mended(source)


AGAIN = {
    "for each of two players": (
        """
        def step(a, b, x):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(a(x) * b(x))
            first = tape.gradient(loss, a.trainable_variables)
            return first, tape.gradient(loss, b.trainable_variables)
        """,
        "tape.gradient(loss, b.trainable_variables)",
    ),
    "in a loop": (
        """
        def step(model, x):
            with tf.GradientTape(watch_accessed_variables=True) as tape:
                loss = tf.reduce_mean(model(x))
            return [tape.gradient(loss, v) for v in model.trainable_variables]
        """,
        "tape.gradient(loss, v)",
    ),
    "told not to keep anything": (
        """
        for x in batches:
            with tf.GradientTape(persistent=False) as tape:
                small, large = tf.reduce_mean(model(x)), tf.reduce_sum(model(x))
            first = tape.gradient(small, model.trainable_variables)
            second = tape.gradient(large, model.trainable_variables)
        """,
        "tape.gradient(large, model.trainable_variables)",
    ),
}


@pytest.mark.parametrize("name", AGAIN)
def test_a_tape_that_is_asked_again_is_found_and_made_persistent(name: str) -> None:
    source, operation = AGAIN[name]

    assert found(source) == [("AF306", operation)]
    assert mended(source).count("persistent=True") == 1
    assert "persistent=False" not in mended(source)


def test_moved_statements_take_their_comments_along_and_logging_stays() -> None:
    assert mended("""
        def step(model, x, y):
            seen = model(x)  # once
            print("forward")

            with tf.GradientTape() as tape:
                # the squares
                square = tf.square(seen - y)

            print(square.shape)
            weight = 0.5

            # weighted
            loss = weight * tf.reduce_mean(
                square,
                axis=0,
            )

            grads = tape.gradient(loss, model.trainable_variables)
            return grads
        """) == textwrap.dedent("""
        def step(model, x, y):
            print("forward")

            with tf.GradientTape() as tape:
                seen = model(x)  # once
                # the squares
                square = tf.square(seen - y)
                weight = 0.5
                # weighted
                loss = weight * tf.reduce_mean(
                    square,
                    axis=0,
                )

            print(square.shape)

            grads = tape.gradient(loss, model.trainable_variables)
            return grads
        """)


def test_what_reads_the_value_between_moves_with_it() -> None:
    assert mended("""
        def step(w, x, history):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(w * x)
            history.append(float(loss))
            loss = -loss
            return tape.gradient(loss, w)
        """) == textwrap.dedent("""
        def step(w, x, history):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(w * x)
                history.append(float(loss))
                loss = -loss
            return tape.gradient(loss, w)
        """)


def test_a_branch_moves_whole_and_a_target_gets_a_name() -> None:
    assert mended("""
        def step(w, x, reg):
            with tf.GradientTape() as tape:
                out = tf.linalg.matvec(x, w)
            if reg:
                out = out + 0.1 * tf.reduce_sum(w ** 2)
            return tape.gradient(tf.reduce_sum(out), [w])
        """) == textwrap.dedent("""
        def step(w, x, reg):
            with tf.GradientTape() as tape:
                out = tf.linalg.matvec(x, w)
                if reg:
                    out = out + 0.1 * tf.reduce_sum(w ** 2)
                loss = tf.reduce_sum(out)
            return tape.gradient(loss, [w])
        """)


def test_every_tape_of_a_step_is_mended_at_once() -> None:
    assert mended(UNWATCHED["a physics model, twice"][0]) == textwrap.dedent("""
        x = tf.random.uniform((8, 1))
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                u = model(x)
            u_x = inner.gradient(u, x)
        u_xx = outer.gradient(u_x, x)
        """)


def test_what_cannot_be_moved_is_left_with_a_reason() -> None:
    assert (
        refused("""
        def step(w, xs):
            for x in xs:
                with tf.GradientTape() as tape:
                    value = tf.reduce_sum(w * x)
            loss = -value
            return tape.gradient(loss, w)
        """)
        == "the code to be recorded is not in the same block as the tape"
    )
    assert "share lines" in refused("""
        def step(w, x):
            with tf.GradientTape() as tape: value = tf.reduce_sum(w * x)
            loss = -value
            return tape.gradient(loss, w)
        """)


@pytest.mark.parametrize("code", ["AF301", "AF302", "AF304", "AF305", "AF306"])
def test_the_examples_of_the_pages_are_found_and_their_mends_are_not(code: str) -> None:
    before, after = re.findall(r"^```python\n(.*?)^```$", page(code) or "", re.MULTILINE | re.DOTALL)

    assert [cut.code for each in diagnosed(before) for cut in each.cuts] == [code]
    assert diagnosed(after) == ()


def test_what_is_lost_in_the_step_as_well_is_one_finding_with_it() -> None:
    (fault,) = diagnosed(
        HEAD
        + textwrap.dedent("""
        def step(model, x, y):
            with tf.GradientTape() as tape:
                p = model(x)
            loss = tf.reduce_mean(np.abs(p.numpy() - y))
            return tape.gradient(loss, model.trainable_variables)
        """)
    )

    assert isinstance(fault, TapeFault)
    assert [cut.code for cut in fault.cuts] == ["AF301", "AF102"]
