"""Programs that train in stages: with a fault in a later one, and such that hold a value constant there on purpose."""

from __future__ import annotations

from tests.fixes.program_texts import BATCH, TENSORFLOW_BATCH, TENSORFLOW_HEAD, TORCH_HEAD

_TRAIN = """
def train(model, x, y, rounds, lr=0.05):
    opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=lr)
    for _ in range(rounds):
        opt.zero_grad()
        loss = F.mse_loss(model(x), y)
        loss.backward()
        opt.step()
    return loss.item()

"""
_ADAPTED = """
class Adapted(nn.Module):
    def __init__(self, linear, rank=2):
        super().__init__()
        self.linear = linear.requires_grad_(False)
        self.down = nn.Parameter(0.1 * torch.randn(rank, linear.in_features))
        self.up = nn.Parameter(0.1 * torch.randn(linear.out_features, rank))

    def forward(self, x):
        return self.linear(x) + F.linear(F.linear(x, {down}), self.up)

net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
print(train(net, x, y, 30))
net[0] = Adapted(net[0])
net[2] = Adapted(net[2])
print(train(net, x, -y, 30))
"""
_CRITIC_FIRST = """
actor, critic = nn.Linear(4, 2), nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 1))
warm = torch.optim.Adam(critic.parameters(), lr=0.01)
for _ in range(20):
    warm.zero_grad()
    fit = F.mse_loss(critic(torch.cat([x, torch.randn(16, 2)], 1)), y)
    fit.backward()
    warm.step()

opt = torch.optim.Adam(actor.parameters(), lr=0.01)
for _ in range(20):
    act = torch.tanh(actor(x))
    worth = critic(torch.cat([x, {act}], 1))
    loss = -worth.mean() + 0.01 * act.pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
"""
_PRETRAINED = """
encoder, decoder, head = nn.Linear(4, 3), nn.Linear(3, 4), nn.Linear(3, 1)
opt = torch.optim.Adam([*encoder.parameters(), *decoder.parameters(), *head.parameters()], lr=0.01)
for _ in range(20):
    opt.zero_grad()
    F.mse_loss(decoder(encoder(x).tanh()), x).backward()
    opt.step()

for _ in range(20):
    code = encoder(x){held}.tanh()
    opt.zero_grad()
    F.mse_loss(head(code), y).backward()
    opt.step()
print(head.weight.norm().item())
"""
_DISTILLED = """
teacher = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
print(train(teacher, x, y, 20))
student = nn.Linear(4, 1)
opt = torch.optim.SGD(student.parameters(), lr=0.1)
for _ in range(20):
    with torch.no_grad():
        wanted = teacher(x)
    opt.zero_grad()
    (F.mse_loss(student(x), wanted) + F.mse_loss(student(x), y)).backward()
    opt.step()
"""
_MASKS = """
class Masked(nn.Module):
    def __init__(self, linear, share):
        super().__init__()
        self.linear = linear
        with torch.no_grad():
            level = linear.weight.abs().flatten().quantile(share)
            self.register_buffer("mask", (linear.weight.abs() > level).float())

    def forward(self, x):
        return F.linear(x, self.linear.weight * self.mask, self.linear.bias)

net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
for share in (0.0, 0.3, 0.6):
    print(train(net, x, y, 10))
    net[0] = Masked(net[0].linear if share else net[0], share)
"""
_FOLDS = """
scores = []
for fold in range(4):
    model = nn.Linear(4, 1)
    held = torch.arange(16) % 4 == fold
    train(model, x[~held], y[~held], 8)
    scores.append(F.mse_loss(model(x[held]), y[held]).item())
print(sum(scores) / 4)
"""


def _torch(more: str) -> str:
    return TORCH_HEAD + BATCH + _TRAIN + more


TORCH_FIXED = {
    "adapters of a trained model": (_torch(_ADAPTED.format(down="self.down.data")), "F.linear(x, self.down), self.up"),
    "an actor whose critic is trained first": (
        _torch(_CRITIC_FIRST.format(act="act.detach()")), "critic(torch.cat([x, act], 1))",
    ),
    "a conversion in the second half": (
        _torch(_PRETRAINED.format(held="").replace("head(code), y", "torch.tensor(head(code).tolist()), y")),
        "F.mse_loss(head(code), y)",
    ),
}  # fmt: skip
"""Each with a part of its fix."""
TORCH_RIGHT = {
    "adapters of a trained model": _torch(_ADAPTED.format(down="self.down")),
    "an actor whose critic is trained first": _torch(_CRITIC_FIRST.format(act="act")),
    "an encoder that is held constant afterwards": _torch(_PRETRAINED.format(held=".detach()")),
    "a teacher that is trained first": _torch(_DISTILLED),
    "masks that are made between": _torch(_MASKS),
    "a model for each fold": _torch(_FOLDS),
}
_TUNED = """
base = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(6, activation="tanh")])
head = tf.keras.layers.Dense(1)
head(base(x))

def step(opt, variables, scale):
    with tf.GradientTape() as tape:
        hidden = base(x)
        loss = tf.reduce_mean(tf.square(head({hidden}) - y))
    gradients = tape.gradient(loss, variables)
    opt.apply_gradients(zip(gradients, variables))
    return loss

first = tf.keras.optimizers.Adam(0.01)
for _ in range(6):
    step(first, head.trainable_variables, 1.0)
second = tf.keras.optimizers.Adam(0.001)
for _ in range(6):
    step(second, base.trainable_variables + head.trainable_variables, 0.5)
"""
TENSORFLOW_FIXED = {
    "a base that is tuned later": (
        TENSORFLOW_HEAD + TENSORFLOW_BATCH + _TUNED.format(hidden="tf.constant(hidden.numpy())"),
        "head(tf.constant(hidden)) - y",
    ),
}  # fmt: skip
TENSORFLOW_RIGHT = {
    "a base that is tuned later": TENSORFLOW_HEAD + TENSORFLOW_BATCH + _TUNED.format(hidden="hidden"),
}
