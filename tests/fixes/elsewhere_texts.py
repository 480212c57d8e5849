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
REPLACED = """
class Fit:
    def __init__(self, lr):
        self.net = build()
        self.opt = torch.optim.SGD(self.net.parameters(), lr=lr)
        self.plan = torch.optim.lr_scheduler.StepLR(self.opt, 10)

    def load(self, state):
        {load}self.net.load_state_dict(state)

    def run(self):
        for step in range(5):
            self.opt.zero_grad()
            loss = F.mse_loss(self.net(x), y)
            loss.backward()
            self.opt.step()
            self.plan.step()

fit = Fit(0.05)
fit.load(build().state_dict())
fit.run()
"""
GROWN = """
net = build()
{before}old = net[2]
net[2] = nn.Linear(8, 1)
with torch.no_grad():
    net[2].weight.copy_(old.weight)
{after}
"""
CLIENTS = """
def client(server, lr):
    local = build()
    local.load_state_dict(server.state_dict())
    opt = torch.optim.SGD({held}.parameters(), lr=lr)
    for step in range(3):
        opt.zero_grad()
        loss = F.mse_loss(local(x), y)
        loss.backward()
        opt.step()
    return local.state_dict()

server = build()
for turn in range(3):
    states = [client(server, 0.1) for _ in range(2)]
    server.load_state_dict({{name: (states[0][name] + states[1][name]) / 2 for name in states[0]}})
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
    "replaced by a method": (
        HEAD + BUILD + REPLACED.format(load="self.net = build()\n        "),
        [
            "        self.net = build()\n        self.opt = torch.optim.SGD(self.net.parameters(), lr=self.lr)\n"
            "        self.plan = torch.optim.lr_scheduler.StepLR(self.opt, 10)\n"
            "        self.net.load_state_dict(state)\n"
        ],
    ),
    "a part that has grown, beside the old one": (
        HEAD + BUILD + GROWN.format(before=OPT.format("net"), after="") + LOOP.format(model="net"),
        ["net[2] = nn.Linear(8, 1)\n" + OPT.format("net")],
    ),
    "one of each call": (
        HEAD + BUILD + CLIENTS.format(held="server"),
        ["torch.optim.SGD(local.parameters(), lr=lr)"],
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
    "loaded by a method": HEAD + BUILD + REPLACED.format(load=""),
    "a part that has grown before": HEAD + BUILD + GROWN.format(before="", after=OPT.format("net"))
    + LOOP.format(model="net"),
    "one of each call": HEAD + BUILD + CLIENTS.format(held="local"),
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
