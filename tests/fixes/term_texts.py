"""Programs with a term that is cut far from the sum it is added in, and such that hold a value constant on purpose."""

from __future__ import annotations

from tests.fixes.program_texts import TENSORFLOW_BATCH, TENSORFLOW_HEAD, torch_program

_NET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 8), nn.Tanh())
        self.head = nn.Linear(8, 1)

    def forward(self, x):
        return self.head(self.body(x))

net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.05)
"""
_FIT = "F.mse_loss(net(x), y)"


def _torch(more: str, loss: str, net: str = _NET) -> str:
    return torch_program(f"{net}{more}\n", f"loss = {loss}")


_OBJECTIVE = """
def objective(x, y):
    {first}
    return {value}
"""
_HOOK = """
class Recorder:
    def __init__(self, layer):
        self.outputs = []
        layer.register_forward_hook(self.keep)

    def keep(self, module, inputs, output):
        self.outputs.append(output.clone().detach())

recorder = Recorder(net.body)

def activity():
    net(x)
    return sum(each.pow(2).mean() for each in recorder.outputs[-1:])
"""
_EXTRACTOR = """
class Smoothness(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def features(self, x):
        return self.net.body(x).detach()

    def forward(self, x):
        return self.features(x).diff(dim=0).pow(2).mean()

smooth = Smoothness(net)
"""
_PROPERTY = """
class Coder(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc, self.dec = nn.Linear(4, 4), nn.Linear(2, 4)

    def forward(self, x):
        mu, logvar = self.enc(x).chunk(2, dim=1)
        self._divergence = 0.5 * (mu.pow(2) + logvar.exp() - 1 - logvar).sum(1).mean()
        return self.dec(mu + torch.randn_like(mu) * (0.5 * logvar).exp())

    @property
    def divergence(self):
        return self._divergence.detach()

net = Coder()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
"""
_POLICY = """
class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 3)

    def evaluate(self, obs, act):
        choice = torch.distributions.Categorical(logits=self.layer(obs))
        return choice.log_prob(act), choice.entropy().detach()

net = Policy()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
act = torch.randint(3, (16,))

def objective():
    chance, entropy = net.evaluate(x, act)
    return -(chance * y[:, 0]).mean() - 0.05 * entropy.mean()
"""
_DECORATED = """
class Penalties:
    @torch.no_grad()
    def sizes(self, model):
        return sum(p.pow(2).sum() for p in model.parameters())

penalties = Penalties()
"""
_CRITIC = """
maker, judge = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2)), nn.Linear(2, 1)
first = torch.optim.Adam(judge.parameters(), lr=0.01)
opt = torch.optim.Adam(maker.parameters(), lr=0.01)

def hinge(x):
    return (1 + judge(maker(x).detach())).relu().mean() + (1 - judge(x[:, :2])).relu().mean()

def maker_losses(x):
    fake = maker(x)
    {cut}
    return [F.softplus(-score).mean(), 0.3 * (fake[:, :1] - y).abs().mean()]
"""
_IN_TURNS = """
first.zero_grad()
hinge(x).backward()
first.step()
loss = sum(maker_losses(x))
"""
_PERCEPTUAL = """
eyes = nn.Sequential(nn.Linear(4, 6), nn.Tanh())
eyes.requires_grad_(False)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 4))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
weights = {"pixel": 1.0, "seen": 0.5}

def losses(x):
    out = net(x)
    shown = out.detach()
    return {"pixel": F.l1_loss(out, x), "seen": F.mse_loss(eyes(shown), eyes(x))}

def weighted(found):
    return torch.stack([weights[name] * each for name, each in found.items()]).sum()
"""
_SPARSE = """
def objective(x, y):
    hidden = net.body(x)
    total = F.mse_loss(net.head(hidden), y)
    total += 0.1 * torch.log1p(hidden.detach() ** 2).mean()
    return total
"""
TORCH_FIXED = {
    "a critic of what is cut before it": (
        torch_program(_CRITIC.format(cut="score = judge(fake.detach())"), _IN_TURNS),
        "score = judge(fake)\n",
    ),
    "features of an output that is cut": (
        _torch("", "weighted(losses(x))", _PERCEPTUAL),
        "shown = out\n",
    ),
    "a hook that records": (_torch(_HOOK, f"{_FIT} + 0.1 * activity()"), "self.outputs.append(output.clone())"),
    "an extractor of features": (_torch(_EXTRACTOR, f"{_FIT} + 0.1 * smooth(x)"), "return self.net.body(x)\n"),
    "a property of the model": (
        _torch("", "F.mse_loss(net(x), x) + 0.5 * net.divergence", _PROPERTY),
        "return self._divergence\n",
    ),
    "a term that is subtracted": (_torch("", "objective()", _POLICY), "choice.log_prob(act), choice.entropy()\n"),
    "a penalty that is not recorded": (
        _torch(_DECORATED, f"{_FIT} + 1e-2 * penalties.sizes(net)"),
        "class Penalties:\n    def sizes(self, model):",
    ),
}
"""Each with a part of its fix."""
_HELPER = """
def sg(value):
    return value.detach()
"""
_GATE = """
def hard(p):
    return (p > 0.5).float()

def gate(p):
    return p + (hard(p) - p).detach()
"""
_TARGETS = """
@torch.no_grad()
def targets(x):
    return 0.5 * net(x + 0.1) + 0.1
"""
_OLD = """
class Rollout:
    def old(self, x):
        return net(x).detach()

    @torch.no_grad()
    def mean(self, x):
        return net(x).mean()

rollout = Rollout()
"""
_METER = """
class Meter:
    def __init__(self):
        self.seen = []

    def add(self, value):
        self.seen.append(value.detach())

meter = Meter()
"""
_BALANCE = """
def balance(a, b):
    return (a.detach() / (b.detach() + 1e-8)).clamp(max=10.0)
"""
_PEAK = """
class Peak:
    def of(self, v):
        return v.max().detach() + 0.0

peak = Peak()
"""
_COMBINE = """
def combine(main, extra):
    return main + 0.1 * extra
"""
_ADVERSARIES = """
maker, judge = nn.Linear(4, 2), nn.Linear(2, 1)
first = torch.optim.SGD(judge.parameters(), lr=0.1)
opt = torch.optim.SGD(maker.parameters(), lr=0.1)

def made():
    return maker(x).detach() * 1.0

def sizes():
    with torch.no_grad():
        return judge(x[:, :2]).pow(2).mean()
"""
_TURNS = """
first.zero_grad()
(judge(made()).exp().mean() - judge(x[:, :2]).mean() + made().mean()).backward()
first.step()
loss = -judge(maker(x)).mean() + sizes()
"""
_ACTIVITY = "net.body(x).abs().mean()"
_PROBE = """
probe = nn.Linear(8, 1)
beside = torch.optim.SGD(probe.parameters(), lr=0.1)
"""
_PROBED = """
loss = F.mse_loss(net(x), y) + F.l1_loss(probe(net.body(x).detach()), y)
if step % 3 == 2:
    beside.step()
    beside.zero_grad()
"""
_VALUED = """
value = nn.Linear(8, 1)
opt = torch.optim.SGD([*net.parameters(), *value.parameters()], lr=0.1)

def objective(x, y):
    hidden = net.body(x)
    chance = F.logsigmoid(net.head(hidden))
    guess = value(hidden.detach())
    return -(chance * (y - guess.detach())).mean() + F.mse_loss(guess, y)
"""
_TEACHER = """
def divergence(x):
    wanted = net(x + 0.1).detach().softmax(0)
    return (wanted * (wanted.log() - net(x).log_softmax(0))).sum()
"""
TORCH_RIGHT = {
    "a penalty on what is cut before it, which may be for show": _torch(_SPARSE, "objective(x, y)"),
    "a number for show in the sum": _torch(
        _OBJECTIVE.format(first=f"extra = {_ACTIVITY}", value=f"{_FIT} + extra.detach()"), "objective(x, y)"
    ),
    "the value of another loss": _torch(
        _HELPER + _OBJECTIVE.format(first="near = F.l1_loss(net(x), y)", value=f"near + sg({_FIT} - near)"),
        "objective(x, y)",
    ),
    "straight through a gate": _torch(_GATE, f"{_FIT} + 0.1 * gate(torch.sigmoid(net.body(x))).mean()"),
    "targets that are not recorded": _torch(_TARGETS, f"F.l1_loss(net(x), targets(x)) + {_FIT}"),
    "a distance to what was before": _torch(
        _OLD, f"0.01 * {_FIT} + (rollout.old(x).mean() - net(x).mean()) + 0.5 * (net(x) - rollout.old(x)).mean()"
    ),
    "a distance to a number that was not recorded": _torch(_OLD, f"0.01 * {_FIT} + (rollout.mean(x) - net(x).mean())"),
    "a meter beside the loss": _torch(
        _METER + _OBJECTIVE.format(first=f"meter.add({_ACTIVITY})", value=f"{_FIT} + net.head.weight.pow(2).sum()"),
        "objective(x, y)",
    ),
    "a weight that balances": _torch(
        _BALANCE + _OBJECTIVE.format(first=f"a, b = {_FIT}, {_ACTIVITY}", value="a + balance(a, b) * b"),
        "objective(x, y)",
    ),
    "the shift of a sum of exponentials": _torch(
        _PEAK
        + _OBJECTIVE.format(
            first="v = net(x); m = peak.of(v)", value="m + torch.log((v - m).exp().mean()) + F.mse_loss(v, y)"
        ),
        "objective(x, y)",
    ),
    "an argument that is detached where it is given": _torch(
        _COMBINE + _OBJECTIVE.format(first="", value=f"combine({_FIT}, {_ACTIVITY}.detach())"), "objective(x, y)"
    ),
    "two players that hold each other constant": torch_program(_ADVERSARIES, _TURNS),
    "a critic of what is to be trained": torch_program(_CRITIC.format(cut="score = judge(fake)"), _IN_TURNS),
    "a probe with an optimizer of its own": torch_program(_NET + _PROBE, _PROBED),
    "a baseline that is trained beside": _torch(_VALUED, "objective(x, y)"),
    "a divergence from what the model says elsewhere": _torch(_TEACHER, f"divergence(x) + 0.1 * {_FIT}"),
    "outputs for show, summed up": _torch("", f"{_FIT} + 0.3 * net(x).detach().mean()"),
    "losses that are scaled by their values": _torch(
        _OBJECTIVE.format(first=f"a, b = {_FIT}, {_ACTIVITY}", value="a / a.detach() + 0.1 * b / b.detach()"),
        "objective(x, y)",
    ),
    "a level that is subtracted": _torch("", f"{_FIT} - net(x).detach().pow(2).mean()"),
    "a shift of exponentials where it is used": _torch(
        _OBJECTIVE.format(
            first="v = net(x); m = v.detach().max()", value="m + torch.log((v - m).exp().mean()) + F.mse_loss(v, y)"
        ),
        "objective(x, y)",
    ),
}
TENSORFLOW_NET = """
body = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(8, activation="tanh")])
head = tf.keras.layers.Dense(1)
head(body(x))
variables = body.trainable_variables + head.trainable_variables
opt = tf.keras.optimizers.SGD(0.05)

def fit(x, y):
    return tf.reduce_mean(tf.square(head(body(x)) - y))
"""
_STEP = """
for step in range(4):
    with tf.GradientTape() as tape:
        loss = {loss}
    gradients = tape.gradient(loss, variables)
    opt.apply_gradients(zip(gradients, variables))
"""


def _tensorflow(more: str, loss: str) -> str:
    return TENSORFLOW_HEAD + TENSORFLOW_BATCH + TENSORFLOW_NET + more + _STEP.format(loss=loss)


_SMOOTH = """
class Smoothness(tf.keras.layers.Layer):
    def features(self, x):
        return tf.stop_gradient(body(x))

    def call(self, x):
        f = self.features(x)
        return tf.reduce_mean(tf.square(f[1:] - f[:-1]))

smooth = Smoothness()
"""
_KEPT = """
class Recorder:
    def __init__(self):
        self.outputs = {}

    def __call__(self, name, layer, value):
        value = layer(value)
        self.outputs[name] = tf.constant(value.numpy())
        return value

recorder = Recorder()

def objective(x, y):
    out = head(recorder("body", body, x))
    return tf.reduce_mean(tf.square(out - y)) + 0.1 * tf.reduce_mean(tf.abs(recorder.outputs["body"]))
"""
_LISTED = """
def losses(x, y):
    hidden = body(x)
    kept = tf.stop_gradient(hidden)
    return [tf.reduce_mean(tf.square(head(hidden) - y)), 0.1 * tf.reduce_mean(tf.math.log1p(tf.square(kept)))]
"""
_PLAYERS = """
maker, judge = tf.keras.layers.Dense(2), tf.keras.layers.Dense(1)
judge(maker(x))
opt, first = tf.keras.optimizers.Adam(0.01), tf.keras.optimizers.Adam(0.01)

def made_loss(fake, y):
    score = judge({given})
    return tf.reduce_mean(tf.nn.softplus(-score)) + 0.3 * tf.reduce_mean(tf.abs(fake[:, :1] - y))

for step in range(4):
    with tf.GradientTape() as one, tf.GradientTape() as other:
        fake = maker(x)
        loss = made_loss(fake, y)
        beside = tf.reduce_mean(tf.nn.relu(1 + judge(tf.stop_gradient(fake))) + tf.nn.relu(1 - judge(x[:, :2])))
    mine, its = one.gradient(loss, maker.trainable_variables), other.gradient(beside, judge.trainable_variables)
    opt.apply_gradients(zip(mine, maker.trainable_variables))
    first.apply_gradients(zip(its, judge.trainable_variables))
"""
TENSORFLOW_FIXED = {
    "a penalty on what is cut before it, in another function than the sum": (
        _tensorflow(_LISTED, "tf.add_n(losses(x, y))"),
        "kept = hidden\n",
    ),
    "a critic of what is cut before it": (
        TENSORFLOW_HEAD + TENSORFLOW_BATCH + _PLAYERS.format(given="tf.stop_gradient(fake)"),
        "score = judge(fake)\n",
    ),
    "an extractor of features": (_tensorflow(_SMOOTH, "fit(x, y) + 0.1 * smooth(x)"), "return body(x)\n"),
    "arrays that are recorded": (_tensorflow(_KEPT, "objective(x, y)"), "self.outputs[name] = value"),
}
_TENSORFLOW_OLD = """
class Old:
    def mean(self, x):
        return tf.stop_gradient(tf.reduce_mean(head(body(x))))

old = Old()
"""
_BOOTSTRAP = """
def beyond(x):
    return tf.stop_gradient(0.9 * head(body(x + 0.1)))
"""
_TENSORFLOW_HELPER = """
def sg(value):
    return tf.stop_gradient(value)

def objective(x, y):
    near = tf.reduce_mean(tf.abs(head(body(x)) - y))
    return near + sg(fit(x, y) - near)
"""
TENSORFLOW_RIGHT = {
    "a critic of what is to be trained": TENSORFLOW_HEAD + TENSORFLOW_BATCH + _PLAYERS.format(given="fake"),
    "outputs for show, summed up": _tensorflow("", "fit(x, y) + 0.3 * tf.reduce_mean(tf.stop_gradient(head(body(x))))"),
    "the value of another loss": _tensorflow(_TENSORFLOW_HELPER, "objective(x, y)"),
    "the value of the next state": _tensorflow(_BOOTSTRAP, "tf.reduce_mean(tf.abs(head(body(x)) - y - beyond(x)))"),
    "a distance to what was before": _tensorflow(
        _TENSORFLOW_OLD, "0.01 * fit(x, y) + (old.mean(x) - tf.reduce_mean(head(body(x))))"
    ),
}
