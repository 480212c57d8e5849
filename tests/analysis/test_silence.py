"""Right programs that cut a gradient on purpose: nothing is said of any of them."""

from __future__ import annotations

import pytest

from tests.analysis.programs import diagnosed

TORCH = "import math\nimport numpy as np\nimport torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
KERAS = "import keras\nimport numpy as np\nimport tensorflow as tf\n"


@pytest.mark.parametrize(
    "body",
    [
        # an adversarial image, made of the network's own predictions, whose gradient is read
        "def attack(model, x):\n    label = model(x).argmax(1)\n    start = model(x).detach().numpy()\n"
        "    image = torch.from_numpy(np.clip(start, 0, 1))\n    image.requires_grad = True\n"
        "    F.cross_entropy(model(image), label).backward()\n    return image.grad.sign()\n",
        # a latent code that starts at the mean of what the network gives
        "def project(net, target):\n    mean = np.mean(net(torch.randn(9, 3)).detach().numpy(), axis=0)\n"
        "    code = torch.tensor(mean, requires_grad=True)\n    optimizer = torch.optim.Adam([code])\n"
        "    F.mse_loss(code, target).backward()\n    optimizer.step()\n",
        # only what is no tensor yet is made one
        "def step(model, head, x, y):\n    out = model(x)\n    if not isinstance(out, torch.Tensor):\n"
        "        out = torch.tensor(out)\n    F.mse_loss(head(out), y).backward()\n",
        "def step(model, x, y):\n    out = model(x)\n"
        "    out = out if torch.is_tensor(out) else torch.from_numpy(np.asarray(out))\n"
        "    F.mse_loss(out, y).backward()\n",
        # a batch whose arrays become leaves, one by one
        "def step(model, x, y):\n    for i, _ in enumerate(x):\n        if isinstance(x, np.ndarray):\n"
        "            x[i] = x[i].astype('float32')\n            x[i] = torch.tensor(x[i])\n"
        "        x[i].requires_grad = True\n        x[i] = x[i] * 2\n    F.mse_loss(model(x), y).backward()\n",
        # a mask as long as the longest of some lengths, which are tensors as well
        "def weigh_loss(scores, lens):\n    longest = torch.max(lens).item()\n"
        "    mask = torch.arange(longest).view(1, longest) < lens.view(-1, 1).expand(-1, longest)\n"
        "    return scores.masked_select(mask).mean()\n\n\ndef step(model, x):\n    scores, lens = model(x)\n"
        "    weigh_loss(scores, lens).backward()\n",
        # recorded again within what records nothing
        "@torch.no_grad()\ndef step(model, x, y):\n    with torch.enable_grad():\n"
        "        loss = F.mse_loss(model(x), y)\n        loss.backward()\n",
        "def step(model, x, y):\n    with torch.inference_mode(False):\n        loss = F.mse_loss(model(x), y)\n"
        "    loss.backward()\n",
        # a network that is loaded, frozen, and asked for numbers
        "def step(model, x, y):\n    judge = load_network('judge.pt').requires_grad_(False)\n"
        "    scale = torch.from_numpy(np.asarray(judge.scale))\n    (F.mse_loss(model(x), y) * scale).backward()\n",
        # pseudo-labels
        "def step(model, x):\n    pseudo_labels = np.argmax(model(x).detach().numpy(), axis=1)\n"
        "    F.cross_entropy(model(x), torch.from_numpy(pseudo_labels)).backward()\n",
        # a loss that is declared to be of arrays
        "def loss_gradient(x: np.ndarray, weights: np.ndarray):\n    image = torch.from_numpy(x).requires_grad_(True)\n"
        "    loss = (torch.from_numpy(np.abs(weights)) * image).sum()\n    loss.backward()\n    return image.grad\n",
        # a momentum encoder and its queue
        "def step(encoder, momentum_encoder, queue, x, y):\n    q = encoder(x)\n    with torch.no_grad():\n"
        "        k = momentum_encoder(y)\n"
        "    F.cross_entropy(q @ queue.clone().detach().T, (k @ k.T).argmax(1)).backward()\n",
        # SimSiam
        "def step(net, head, a, b):\n    z1, z2 = net(a), net(b)\n    p1, p2 = head(z1), head(z2)\n"
        "    loss = -(F.cosine_similarity(p1, z2.detach()).mean() + F.cosine_similarity(p2, z1.detach()).mean())\n"
        "    loss.backward()\n",
        # VQ-VAE
        "def step(encoder, decoder, codebook, x):\n    z = encoder(x)\n"
        "    index = torch.cdist(z, codebook.weight).argmin(1)\n"
        "    q = codebook(index)\n    loss = F.mse_loss(q, z.detach()) + 0.25 * F.mse_loss(z, q.detach())\n"
        "    (F.mse_loss(decoder(z + (q - z).detach()), x) + loss).backward()\n",
        # DQN
        "def step(policy, target_net, batch):\n    q = policy(batch.state).gather(1, batch.action)\n"
        "    with torch.no_grad():\n        expected = batch.reward + 0.9 * target_net(batch.next).max(1).values\n"
        "    F.smooth_l1_loss(q, expected.unsqueeze(1)).backward()\n",
        # PPO
        "def step(actor, batch, advantages):\n    log_p = actor(batch).log_prob(batch.action)\n"
        "    ratio = (log_p - batch.old_log_p.detach()).exp()\n"
        "    adv = (advantages - advantages.mean().item()) / advantages.std().item()\n"
        "    kl = (ratio - 1 - ratio.log()).mean().item()\n    if kl > 0.1:\n        return\n"
        "    (-torch.min(ratio * adv, ratio.clamp(0.8, 1.2) * adv).mean()).backward()\n",
        # gradient penalty
        "def step(critic, real, fake):\n    mixed = (0.5 * real + 0.5 * fake.detach()).requires_grad_(True)\n"
        "    score = critic(mixed)\n"
        "    (g,) = torch.autograd.grad(score, mixed, grad_outputs=torch.ones_like(score), create_graph=True)\n"
        "    ((g.norm(2, dim=1) - 1) ** 2).mean().backward()\n",
        # a moving average of the weights
        "def step(model, ema, x, y):\n    F.mse_loss(model(x), y).backward()\n"
        "    for a, b in zip(ema.parameters(), model.parameters()):\n"
        "        a.data.mul_(0.99).add_(b.data, alpha=0.01)\n",
        # class weights and masks made of the labels
        "def step(model, x, labels):\n    counts = np.bincount(labels.cpu().numpy(), minlength=3)\n"
        "    weight = torch.tensor(1.0 / np.maximum(counts, 1), dtype=torch.float32)\n"
        "    F.cross_entropy(model(x), labels, weight=weight).backward()\n",
        # hard examples are chosen by their loss
        "def step(model, x, y):\n    loss = F.cross_entropy(model(x), y, reduction='none')\n"
        "    hard = np.argsort(loss.detach().cpu().numpy())[-8:]\n    loss[torch.from_numpy(hard)].mean().backward()\n",
        # focal weights as constants
        "def step(model, x, y):\n    ce = F.cross_entropy(model(x), y, reduction='none')\n"
        "    weight = (1 - torch.exp(-ce)).detach() ** 2\n    (weight * ce).mean().backward()\n",
        # evaluation, logging and plots around a right step
        "def run(model, loader, writer, plt):\n    losses = []\n    for x, y in loader:\n        out = model(x)\n"
        "        loss = F.mse_loss(out, y)\n        loss.backward()\n        losses.append(loss.item())\n"
        "        writer.add_scalar('rmse', math.sqrt(loss.item()))\n        plt.plot(out.detach().numpy())\n"
        "    with torch.no_grad():\n"
        "        error = np.mean([np.abs(model(x).numpy() - y.numpy()).mean() for x, y in loader])\n"
        "    return np.mean(losses), error\n",
        # two views, each the target of the other
        "def step(online, slow, x1, x2):\n    y1 = slow(x1).detach()\n    y2 = slow(x2).detach()\n"
        "    (F.mse_loss(online(x1), y2) + F.mse_loss(online(x2), y1)).backward()\n",
        # truncated back-propagation through time
        "def step(rnn, head, chunks, h):\n    for x, y in chunks:\n        out, h = rnn(x, h)\n        h = h.detach()\n"
        "        F.mse_loss(head(out), y).backward()\n",
    ],
)
def test_torch(body: str) -> None:
    assert diagnosed(TORCH + body) == ()


@pytest.mark.parametrize(
    "body",
    [
        # distillation
        "def step(student, teacher, x):\n    soft = teacher.predict(x)\n    with tf.GradientTape() as tape:\n"
        "        loss = keras.losses.kl_divergence(soft, student(x))\n"
        "    tape.gradient(loss, student.trainable_variables)\n",
        # straight-through
        "def loss_fn(y_true, y_pred):\n    hard = y_pred + tf.stop_gradient(tf.round(y_pred) - y_pred)\n"
        "    return tf.reduce_mean(tf.abs(y_true - hard))\nmodel.compile('adam', loss=loss_fn)\n",
        # a GAN: the generator's output is a constant for the discriminator
        "def step(generator, discriminator, real, z):\n    fake = generator(z)\n    with tf.GradientTape() as tape:\n"
        "        loss = tf.reduce_mean(discriminator(fake)) - tf.reduce_mean(discriminator(real))\n"
        "    tape.gradient(loss, discriminator.trainable_variables)\n",
        # a callback and a metric
        "class Report(keras.callbacks.Callback):\n    def on_epoch_end(self, epoch, logs=None):\n"
        "        print(np.mean(np.abs(self.model.predict(self.x) - self.y)))\n"
        "def rounded(y_true, y_pred):\n    return tf.reduce_mean(tf.cast(tf.round(y_pred) == y_true, tf.float32))\n"
        "model.compile('adam', loss='mse', metrics=[rounded])\nmodel.fit(x, y, callbacks=[Report()])\n",
        # the temperature of soft actor-critic
        "class Agent:\n    def __init__(self, log_alpha):\n        if log_alpha is None:\n"
        "            self.alpha = alpha_of(log_alpha)\n        else:\n            self.alpha = 0.2\n"
        "    def step(self, states):\n        with tf.GradientTape() as tape:\n"
        "            action, log_p = self.actor(states)\n"
        "            loss = -tf.reduce_mean(self.alpha * tf.stop_gradient(log_p + 1.0))\n"
        "        tape.gradient(loss, [self.log_alpha])\n",
        # a data pipeline
        "def augment(x, y):\n    return tf.numpy_function(np.fliplr, [x], tf.float32), y\n"
        "model.compile('adam', loss='mse')\nmodel.fit(data.map(augment))\n",
        # a constant that is known while the graph is made
        "def loss_fn(p, y):\n    known = tf.get_static_value(p)\n"
        "    return tf.reduce_mean((p - y) ** 2) if known is None else tf.reduce_mean((known - y) ** 2)\n\n\n"
        "def step(model, x, y):\n    with tf.GradientTape() as tape:\n        loss = loss_fn(model(x), y)\n"
        "    return tape.gradient(loss, model.trainable_variables)\n",
    ],
)
def test_tensorflow(body: str) -> None:
    assert diagnosed(KERAS + body) == ()
