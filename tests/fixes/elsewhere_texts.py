"""Trainings whose optimizer holds another model than the loss is computed from, or seems to: each is one file."""

from __future__ import annotations

from tests.fixes.program_texts import BATCH, TENSORFLOW_BATCH, TENSORFLOW_HEAD, TORCH_HEAD

HEAD = TORCH_HEAD + BATCH + "import copy\nimport io\n"
BUILD = """
def build(width=8):
    return nn.Sequential(nn.Linear(4, width), nn.Tanh(), nn.Linear(width, 1))

"""
LOOP = """
for step in range(5):
    opt.zero_grad()
    loss = F.mse_loss({model}(x), y)
    loss.backward()
    opt.step()
    print(step, loss.item())
"""
OPT = "opt = torch.optim.SGD({}.parameters(), lr=0.1)\n"
PRUNE = """
def prune(net):
    small = build(6)
    with torch.no_grad():
        small[0].weight.copy_(net[0].weight[:6])
        small[2].weight.copy_(net[2].weight[:, :6])
    return small

"""
CLASS = """
class Trainer:
    def __init__(self, net):
        self.net = net
        self.best = copy.deepcopy(net)
        params = [p for p in self.{held}.parameters()]
        self.opt = torch.optim.SGD(params, lr=0.1)

    def step(self):
        self.opt.zero_grad()
        loss = F.mse_loss(self.net(x), y)
        loss.backward()
        self.opt.step()
        return float(loss)

trainer = Trainer(build())
for step in range(5):
    print(trainer.step())
"""
HELPER = """
def prepared(width, lr):
    model = build(width)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    return model, optimizer

net, opt = prepared(8, lr=0.05)
net = prune(net)
"""
SAVED = "file = io.BytesIO()\ntorch.save(net.state_dict(), file)\nfile.seek(0)\n"

FIXED = {
    "made anew": (
        HEAD + BUILD + "net = build()\n" + OPT.format("net") + "net = build(6)\n" + LOOP.format(model="net"),
        ["net = build()\nnet = build(6)\n" + OPT.format("net")],
    ),
    "pruned, with a scheduler": (
        HEAD + BUILD + PRUNE + "net = build()\n" + OPT.format("net")
        + "plan = torch.optim.lr_scheduler.StepLR(opt, 10)\nnet = prune(net)\n" + LOOP.format(model="net"),
        ["net = prune(net)\n" + OPT.format("net") + "plan = torch.optim.lr_scheduler.StepLR(opt, 10)\n"],
    ),
    "loaded, under another name": (
        HEAD + BUILD + "net = build()\n" + OPT.format("net") + SAVED
        + "student = build()\nstudent.load_state_dict(torch.load(file))\n" + LOOP.format(model="student"),
        ["student = build()\n" + OPT.format("student")],
    ),
    "the wrong one of two, collected before": (
        HEAD + BUILD + CLASS.format(held="best"),
        ["params = [p for p in net.parameters()]"],
    ),
    "the wrong one of two": (
        HEAD + BUILD + "net, other = build(), build()\n" + OPT.format("other") + LOOP.format(model="net"),
        [OPT.format("net")],
    ),
    "made by a helper": (
        HEAD + BUILD + PRUNE + HELPER + LOOP.format(model="net"),
        ["net = prune(net)\nopt = torch.optim.SGD(net.parameters(), lr=0.05)\n"],
    ),
}  # fmt: skip
RIGHT = {
    "made anew before": HEAD + BUILD + "net = build()\nnet = build(6)\n" + OPT.format("net") + LOOP.format(model="net"),
    "loaded into the same": HEAD + BUILD + "net = build()\n" + OPT.format("net") + SAVED
    + "net.load_state_dict(torch.load(file))\n" + LOOP.format(model="net"),
    "a copy to be kept": HEAD + BUILD + CLASS.format(held="net"),
    "a teacher beside": HEAD + BUILD + "net = build()\nteacher = copy.deepcopy(net)\n" + OPT.format("net")
    + LOOP.format(model="0.5 * teacher(x) + net"),
    "a second one that learns later": HEAD + BUILD + "net, second = build(), build()\n" + OPT.format("net")
    + LOOP.format(model="net") + OPT.format("second") + LOOP.format(model="second"),
}  # fmt: skip
LEFT = {
    "a loss of the target network": HEAD + BUILD + "net = build()\ntarget_net = copy.deepcopy(net)\n"
    + OPT.format("net") + LOOP.format(model="target_net"),
}  # fmt: skip
KERAS = TENSORFLOW_HEAD + TENSORFLOW_BATCH + """
def build():
    layers = [tf.keras.Input((4,)), tf.keras.layers.Dense(8, activation="tanh"), tf.keras.layers.Dense(1)]
    return tf.keras.Sequential(layers)

model, best = build(), build()
opt = tf.keras.optimizers.SGD(0.1)

def step():
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(x) - y) ** 2)
    gradients = tape.gradient(loss, {asked}.trainable_variables)
    opt.apply_gradients(zip(gradients, {asked}.trainable_variables))
    {after}
    return loss

for _ in range(4):
    print(float(step()))
"""
KEEP = "best.set_weights(model.get_weights())"
KERAS_FIXED = {
    "the variables of another model": (
        KERAS.format(asked="best", after="pass"),
        [
            "tape.gradient(loss, model.trainable_variables)\n"
            "    opt.apply_gradients(zip(gradients, model.trainable_variables))\n"
        ],
    ),
}
KERAS_RIGHT = {"another model that is kept": KERAS.format(asked="model", after=KEEP)}
