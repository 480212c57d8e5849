"""Training steps in PyTorch: a part of the loss is held constant on purpose, or something never trains.

In the broken ones `# AF104` stands in each line where that is found.
"""

from __future__ import annotations

HEAD = """\
import math
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
"""

RIGHT = {
    "first_order_maml": """
def adapt(net, weights, x, y, steps=3, first_order=True):
    for _ in range(steps):
        loss = F.mse_loss(torch.func.functional_call(net, weights, (x,)), y)
        grads = torch.autograd.grad(loss, list(weights.values()), create_graph=not first_order)
        if first_order:
            grads = [g.detach() for g in grads]
        weights = {k: w - 0.1 * g for (k, w), g in zip(weights.items(), grads)}
    return weights

def train(net, x, y, xq, yq):
    opt = torch.optim.Adam(net.parameters())
    weights = adapt(net, dict(net.named_parameters()), x, y)
    loss = F.mse_loss(torch.func.functional_call(net, weights, (xq,)), yq)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "sharpness_aware": """
def train(net, x, y, opt):
    weights = dict(net.named_parameters())
    grads = torch.autograd.grad(F.cross_entropy(net(x), y), list(weights.values()))
    norm = torch.stack([g.detach().norm() for g in grads]).norm() + 1e-12
    moved = {k: w + 0.05 * g.detach() / norm for (k, w), g in zip(weights.items(), grads)}
    loss = F.cross_entropy(torch.func.functional_call(net, moved, (x,)), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "particles_in_a_buffer": """
class Energy(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 64), nn.SiLU(), nn.Linear(64, 1))

    def forward(self, x):
        return self.net(x).squeeze(-1) + 0.05 * x.square().sum(-1)

def langevin(energy, x):
    x = x.clone().detach().requires_grad_(True)
    for _ in range(15):
        grad, = torch.autograd.grad(energy(x).sum(), x)
        with torch.no_grad():
            x -= 0.1 * grad
            x += 0.05 * torch.randn_like(x)
    return x.detach()

energy = Energy()
opt = torch.optim.Adam(energy.parameters())
replay = np.random.uniform(-3, 3, (512, 2)).astype(np.float32)
for it in range(120):
    slots = np.random.randint(0, 512, 128)
    neg = langevin(energy, torch.from_numpy(replay[slots]))
    replay[slots] = neg.numpy()
    loss = energy(torch.randn(128, 2)).mean() - energy(neg).mean()
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "virtual_adversary": """
def train(net, x, y, opt):
    r = F.normalize(torch.randn_like(x), dim=1).requires_grad_()
    far = F.kl_div(F.log_softmax(net(x + r), 1), F.softmax(net(x).detach(), 1), reduction="batchmean")
    r_adv = torch.autograd.grad(far, r)[0].detach()
    loss = F.kl_div(F.log_softmax(net(x + F.normalize(r_adv, dim=1)), 1), y, reduction="batchmean")
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "stein_descent": """
def train(net, z, log_p, opt):
    x = net(z)
    points = x.detach().requires_grad_(True)
    score = torch.autograd.grad(log_p(points).sum(), points)[0].detach()
    loss = -(x * score).sum(-1).mean()
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "berhu": """
def crit(pred, target):
    diff = (pred - target).abs()
    c = 0.2 * diff.max().item()
    return torch.where(diff <= c, diff, (diff ** 2 + c ** 2) / (2 * c + 1e-8)).mean()

def train(model, x, y, opt):
    loss = crit(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "normaliser": """
def crit(pred, target):
    scale = float(np.std(pred.detach().numpy())) + 1e-6
    return F.smooth_l1_loss(pred / scale, target / scale)

def train(model, x, y, opt):
    loss = crit(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "dec": """
def sharpen(q):
    w = q ** 2 / q.sum(0)
    return (w.T / w.sum(1)).T

class DEC(nn.Module):
    def __init__(self, encoder, k, d):
        super().__init__()
        self.encoder = encoder
        self.centers = nn.Parameter(torch.randn(k, d))

    def forward(self, x):
        z = self.encoder(x)
        q = 1.0 / (1.0 + torch.cdist(z, self.centers) ** 2)
        return q / q.sum(1, keepdim=True)

def train(net, x, opt):
    q = net(x)
    p = torch.from_numpy(sharpen(q.detach().numpy()))
    loss = F.kl_div(q.log(), p, reduction="batchmean")
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "dec_by_hand": """
def sharpen(q):
    w = q ** 2 / q.sum(0)
    return (w.T / w.sum(1)).T

def train(net, x, opt):
    q = net(x)
    p = torch.from_numpy(sharpen(q.detach().cpu().numpy()))
    loss = (p * p.log() - p * q.log()).sum(1).mean()
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "percentile_cap": """
def crit(pred, target):
    err = (pred - target).abs()
    cap = np.percentile(err.detach().cpu().numpy(), 95)
    return torch.clamp(err, max=float(cap)).mean()

def train(model, x, y, opt):
    loss = crit(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "percentile_cap_min": """
def train(model, x, y, opt):
    err = (model(x) - y) ** 2
    cap = torch.tensor(np.percentile(err.detach().numpy(), 90))
    loss = torch.minimum(err, cap).mean()
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "mean_subtracted": """
def crit(pred, target):
    mean = pred.mean().item()
    centered = pred - mean
    return ((centered - (target - target.mean())) ** 2).mean()

def train(model, x, y, opt):
    loss = crit(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "adaptive_huber": """
def crit(pred, target):
    residual = pred - target
    delta = float(np.quantile(np.abs(residual.detach().numpy()), 0.9))
    return F.huber_loss(pred, target, delta=delta)

def train(model, x, y, opt):
    loss = crit(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "adaptive_huber_by_hand": """
def crit(pred, target):
    r = (pred - target).abs()
    delta = torch.quantile(r, 0.9).item()
    quadratic = torch.clamp(r, max=delta)
    linear = r - quadratic
    return (0.5 * quadratic ** 2 + delta * linear).mean()

def train(model, x, y, opt):
    loss = crit(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "adaptive_huber_where": """
def crit(pred, target):
    r = (pred - target).abs()
    delta = r.median().item()
    return torch.where(r < delta, 0.5 * r ** 2, delta * (r - 0.5 * delta)).mean()

def train(model, x, y, opt):
    loss = crit(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "centers": """
class CenterLoss:
    def __init__(self, classes, dim, rate=0.5):
        self.centers = np.zeros((classes, dim), np.float32)
        self.rate = rate

    def __call__(self, feats, labels):
        f, l = feats.detach().numpy(), labels.numpy()
        for k in np.unique(l):
            self.centers[k] += self.rate * (f[l == k].mean(0) - self.centers[k])
        return ((feats - torch.from_numpy(self.centers[l])) ** 2).sum(1).mean()

def train(model, head, x, y, opt):
    center = CenterLoss(10, 4)
    feats = model(x)
    loss = F.cross_entropy(head(feats), y) + 0.01 * center(feats, y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "prototypes": """
class Prototypes(nn.Module):
    def __init__(self, classes, dim):
        super().__init__()
        self.register_buffer("protos", torch.zeros(classes, dim))

    def update(self, z, y):
        with torch.no_grad():
            for k in y.unique():
                self.protos[k] = 0.9 * self.protos[k] + 0.1 * z[y == k].mean(0)

    def forward(self, z, y):
        self.update(z, y)
        return F.cross_entropy(-torch.cdist(z, self.protos), y)

def train(model, protos, x, y, opt):
    loss = protos(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()

def main(loader):
    model, protos = nn.Linear(8, 4), Prototypes(3, 4)
    opt = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        train(model, protos, x, y, opt)
""",
    "leaf_variable": """
class Pipe:
    def encode(self, prompt):
        n = self.encoder(prompt.to(device), attention_mask=mask)
        return prompt, n

    def epsilon(self, model_output, sample):
        return 0.5 * model_output + 0.5 * sample

    @torch.no_grad()
    def invert(self, prompt, latents):
        embeds, n = self.encode(prompt)
        scaled = self.scheduler.scale_model_input(latents, t)
        noise = self.unet(scaled, encoder_hidden_states=embeds).sample
        with torch.enable_grad():
            var = torch.autograd.Variable(noise.detach().clone(), requires_grad=True)
            eps = self.epsilon(var, scaled.detach())
            l_kl = kl_divergence(eps)
            l_kl.backward()
        return noise - 20 * var.grad
""",
    "leaf_requires_grad": """
class Pipe:
    def encode(self, prompt):
        return prompt, self.encoder(prompt.to(device), attention_mask=mask)

    @torch.no_grad()
    def guide(self, prompt, latents):
        embeds, n = self.encode(prompt)
        noise = self.unet(self.scheduler.scale_model_input(latents, t), embeds).sample
        with torch.enable_grad():
            latents = latents.detach().requires_grad_()
            noise = noise.detach()
            noise.requires_grad_(True)
            loss = energy_loss(latents, noise)
            loss.backward()
        return latents - latents.grad
""",
    "optim_asgd": """
def invert(net, target):
    out = net(torch.zeros(1, 8))
    x = torch.tensor(out.detach().numpy(), requires_grad=True)
    opt = torch.optim.ASGD([x], lr=0.1)
    for _ in range(10):
        opt.zero_grad()
        loss = ((x - target) ** 2).sum()
        loss.backward()
        opt.step()
    return x
""",
    "optim_rprop": """
def invert(net, target):
    out = net(torch.zeros(1, 8))
    x = torch.tensor(out.detach().numpy(), requires_grad=True)
    opt = torch.optim.Rprop([x], lr=0.1)
    for _ in range(10):
        opt.zero_grad()
        loss = ((x - target) ** 2).sum()
        loss.backward()
        opt.step()
    return x
""",
    "optim_sparseadam": """
def invert(net, target):
    out = net(torch.zeros(1, 8))
    x = torch.tensor(out.detach().numpy(), requires_grad=True)
    opt = torch.optim.SparseAdam([x], lr=0.1)
    for _ in range(10):
        opt.zero_grad()
        loss = ((x - target) ** 2).sum()
        loss.backward()
        opt.step()
    return x
""",
    "optim_adafactor": """
def invert(net, target):
    out = net(torch.zeros(1, 8))
    x = torch.tensor(out.detach().numpy(), requires_grad=True)
    opt = torch.optim.Adafactor([x], lr=0.1)
    for _ in range(10):
        opt.zero_grad()
        loss = ((x - target) ** 2).sum()
        loss.backward()
        opt.step()
    return x
""",
    "optim_muon": """
def invert(net, target):
    out = net(torch.zeros(1, 8))
    x = torch.tensor(out.detach().numpy(), requires_grad=True)
    opt = torch.optim.Muon([x], lr=0.1)
    for _ in range(10):
        opt.zero_grad()
        loss = ((x - target) ** 2).sum()
        loss.backward()
        opt.step()
    return x
""",
    "optim_third_party": """
from lion_pytorch import Lion
import bitsandbytes as bnb

def invert(net, target):
    out = net(torch.zeros(1, 8))
    x = torch.tensor(out.detach().numpy(), requires_grad=True)
    code = torch.from_numpy(out.detach().numpy()).requires_grad_(True)
    opt, other = Lion([x], lr=0.1), bnb.optim.Adam8bit([{"params": [code]}], lr=0.1)
    for _ in range(10):
        loss = ((x - target) ** 2).sum() + (code ** 2).sum()
        loss.backward()
        opt.step(); other.step()
    return x
""",
    "optim_own": """
class Sign(torch.optim.Optimizer):
    def __init__(self, params, lr):
        super().__init__(params, dict(lr=lr))

    def step(self, closure=None):
        with torch.no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    p -= group["lr"] * p.grad.sign()

def invert(net, target):
    leaves = []
    start = net(torch.zeros(1, 8)).detach().numpy()
    x = torch.tensor(start, requires_grad=True)
    leaves.append(x)
    sign = Sign(leaves, lr=0.1)
    for _ in range(10):
        loss = ((x - target) ** 2).sum()
        loss.backward()
        sign.step()
    return x
""",
    "optim_by_class_choice": """
OPTIMIZERS = {"adam": torch.optim.Adam, "asgd": torch.optim.ASGD}

def invert(net, target, name):
    x = torch.tensor(net(torch.zeros(1, 8)).detach().numpy(), requires_grad=True)
    params = [x]
    opt = OPTIMIZERS[name](params, lr=0.1)
    loss = ((x - target) ** 2).sum()
    loss.backward()
    opt.step()
    return x
""",
    "optim_getattr": """
def invert(net, target, name):
    x = torch.tensor(net(torch.zeros(1, 8)).detach().numpy(), requires_grad=True)
    opt = getattr(torch.optim, name)([x], lr=0.1)
    loss = ((x - target) ** 2).sum()
    loss.backward()
    opt.step()
    return x
""",
    "lbfgs": """
def transfer(vgg, content, style):
    image = torch.tensor(vgg.decode(content).detach().numpy(), requires_grad=True)
    opt = torch.optim.LBFGS([image])
    def closure():
        opt.zero_grad()
        loss = F.mse_loss(vgg(image), style)
        loss.backward()
        return loss
    for _ in range(20):
        opt.step(closure)
    return image.detach()
""",
    "reinforce_baseline": """
def train(policy, critic, batch, opt):
    logits, value = policy(batch.states)
    logp = torch.distributions.Categorical(logits=logits).log_prob(batch.actions)
    baseline = value.detach().numpy().mean()
    advantage = batch.returns - baseline
    loss = -(logp * advantage).mean() + F.mse_loss(value, batch.returns)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "adv_norm": """
def train(net, states, actions, returns, opt):
    pi, v = net(states)
    adv = returns - v.detach()
    adv = (adv - adv.mean().item()) / (adv.std().item() + 1e-8)
    logp = pi.log_prob(actions)
    loss = -(adv * logp).mean() + 0.5 * (returns - v).pow(2).mean() - 0.01 * pi.entropy().mean()
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "popart": """
class PopArt:
    def __init__(self):
        self.mu, self.nu = 0.0, 1.0

    def update(self, targets):
        self.mu = 0.99 * self.mu + 0.01 * targets.mean().item()
        self.nu = 0.99 * self.nu + 0.01 * (targets ** 2).mean().item()

    @property
    def sigma(self):
        return math.sqrt(max(self.nu - self.mu ** 2, 1e-4))

def train(net, popart, batch, opt):
    with torch.no_grad():
        targets = batch.reward + 0.99 * net(batch.next_obs)
    popart.update(targets)
    loss = F.mse_loss(net(batch.obs), (targets - popart.mu) / popart.sigma)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "sac_alpha": """
class SAC:
    def __init__(self, actor, critic):
        self.actor, self.critic = actor, critic
        self.log_alpha = torch.tensor(0.0, requires_grad=True)
        self.alpha_opt = torch.optim.Adam([self.log_alpha], lr=3e-4)
        self.actor_opt = torch.optim.Adam(actor.parameters(), lr=3e-4)

    def step(self, obs):
        alpha = self.log_alpha.exp().item()
        action, logp = self.actor(obs)
        actor_loss = (alpha * logp - self.critic(obs, action)).mean()
        self.actor_opt.zero_grad(); actor_loss.backward(); self.actor_opt.step()
        alpha_loss = -(self.log_alpha * (logp.detach() + self.target_entropy)).mean()
        self.alpha_opt.zero_grad(); alpha_loss.backward(); self.alpha_opt.step()
        return actor_loss.item(), alpha
""",
    "loss_balance": """
def train(net, x, y, opt):
    out, aux = net(x)
    a, b = F.mse_loss(out, y), F.l1_loss(aux, y)
    loss = a + (a.item() / (b.item() + 1e-8)) * b
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "loss_balance_norm": """
def train(net, x, y, opt):
    out, aux = net(x)
    losses = [F.mse_loss(out, y), F.l1_loss(aux, y)]
    loss = sum(each / each.item() for each in losses)
    weights = torch.softmax(torch.tensor([each.item() for each in losses]), 0)
    loss = loss + sum(w * each for w, each in zip(weights, losses))
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "dwa": """
class DWA:
    def __init__(self, n):
        self.history = [[1.0] * n, [1.0] * n]

    def weights(self):
        r = np.array(self.history[-1]) / np.array(self.history[-2])
        e = np.exp(r / 2.0)
        return len(r) * e / e.sum()

    def push(self, losses):
        self.history.append([l.item() for l in losses])

def train(net, loader, opt):
    dwa = DWA(2)
    for x, y, z in loader:
        a, b = net(x)
        losses = [F.cross_entropy(a, y), F.mse_loss(b, z)]
        w = dwa.weights()
        loss = sum(float(wi) * li for wi, li in zip(w, losses))
        opt.zero_grad(); loss.backward(); opt.step()
        dwa.push(losses)
""",
    "gradnorm": """
class GradNorm:
    def __init__(self, net, n):
        self.net = net
        self.w = nn.Parameter(torch.ones(n))
        self.opt_w = torch.optim.Adam([self.w])
        self.opt = torch.optim.Adam(net.parameters())
        self.initial = None

    def step(self, x, ys):
        losses = torch.stack([F.mse_loss(o, y) for o, y in zip(self.net(x), ys)])
        if self.initial is None:
            self.initial = losses.detach().cpu().numpy()
        total = (self.w * losses).sum()
        self.opt.zero_grad()
        total.backward(retain_graph=True)
        norms = torch.stack([torch.autograd.grad(self.w[i] * losses[i], self.net.shared.weight, create_graph=True,
                             retain_graph=True)[0].norm() for i in range(len(losses))])
        ratio = losses.detach().cpu().numpy() / self.initial
        mean = np.mean(norms.detach().cpu().numpy())
        constant = torch.tensor(mean * (ratio / ratio.mean()) ** 1.5)
        grad_loss = (norms - constant).abs().sum()
        self.w.grad = torch.autograd.grad(grad_loss, self.w)[0]
        self.opt.step(); self.opt_w.step()
""",
    "pcgrad": """
def pcgrad(net, losses, opt):
    grads = []
    for l in losses:
        opt.zero_grad()
        l.backward(retain_graph=True)
        grads.append(torch.cat([p.grad.flatten() for p in net.parameters()]).detach().numpy().copy())
    out = [g.copy() for g in grads]
    for i, g in enumerate(out):
        for j, h in enumerate(grads):
            if i != j and g @ h < 0:
                g -= (g @ h) / (h @ h) * h
    merged = torch.from_numpy(np.sum(out, axis=0))
    at = 0
    for p in net.parameters():
        p.grad = merged[at:at + p.numel()].view_as(p)
        at += p.numel()
    opt.step()

def train(net, x, y, opt):
    out = net(x)
    pcgrad(net, [F.mse_loss(out, y), F.l1_loss(out, y)], opt)
""",
    "loss_scale": """
class LossScaler:
    def __init__(self):
        self.scale = 2.0 ** 15

    def step(self, loss, opt, params):
        (loss * self.scale).backward()
        norm = torch.stack([p.grad.norm() for p in params]).norm().item()
        if not math.isfinite(norm):
            self.scale /= 2
            return
        for p in params:
            p.grad.div_(self.scale)
        opt.step()

def train(net, scaler, x, y, opt):
    loss = F.mse_loss(net(x), y)
    opt.zero_grad()
    scaler.step(loss, opt, list(net.parameters()))
""",
    "ohem": """
def ohem_loss(logits, labels, keep=0.7, floor=0.3):
    ce = F.cross_entropy(logits, labels, reduction="none").view(-1)
    probs = torch.softmax(logits, 1).gather(1, labels.unsqueeze(1)).view(-1)
    ordered = np.sort(probs.detach().cpu().numpy())
    threshold = max(floor, ordered[int(keep * len(ordered)) - 1])
    return ce[probs < float(threshold)].mean()

def train(net, x, y, opt):
    loss = ohem_loss(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "hard_mining_relu": """
def hard_loss(d, y):
    pos, neg = d[y == 1], d[y == 0]
    hardest = pos.max().item()
    return F.relu(hardest + 0.2 - neg).mean() + pos.mean()

def train(net, a, b, y, opt):
    d = F.pairwise_distance(net(a), net(b))
    loss = hard_loss(d, y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "swav": """
@torch.no_grad()
def sinkhorn(scores, eps=0.05, n=3):
    q = torch.exp(scores / eps).T
    q /= q.sum()
    for _ in range(n):
        q /= q.sum(1, keepdim=True)
        q /= q.sum(0, keepdim=True)
    return q.T

def train(net, prototypes, x1, x2, opt):
    z1, z2 = net(x1), net(x2)
    s1, s2 = prototypes(z1), prototypes(z2)
    q1, q2 = sinkhorn(s1), sinkhorn(s2)
    loss = -0.5 * ((q1 * F.log_softmax(s2 / 0.1, 1)).sum(1).mean() + (q2 * F.log_softmax(s1 / 0.1, 1)).sum(1).mean())
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "sinkhorn_numpy": """
def plan(cost, eps=0.1, n=50):
    k = np.exp(-cost / eps)
    u = np.ones(len(k)) / len(k)
    for _ in range(n):
        v = 1.0 / (k.T @ u)
        u = 1.0 / (k @ v)
    return u[:, None] * k * v[None]

def ot_loss(x, y):
    cost = torch.cdist(x, y) ** 2
    pi = torch.from_numpy(plan(cost.detach().cpu().numpy()))
    return (pi * cost).sum()

def train(net, z, real, opt):
    loss = ot_loss(net(z), real)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "kmeans": """
from sklearn.cluster import KMeans

def train(net, x, opt):
    z = net(x)
    km = KMeans(5).fit(z.detach().cpu().numpy())
    centers = torch.from_numpy(km.cluster_centers_[km.labels_])
    loss = F.mse_loss(z, centers)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "memory_bank": """
class Bank:
    def __init__(self, n, d):
        self.feats = torch.randn(n, d)

    def update(self, index, z):
        self.feats[index] = 0.5 * self.feats[index] + 0.5 * z.detach().cpu()

def nce_loss(z, bank, index, t=0.07):
    logits = z @ bank.feats.T / t
    return F.cross_entropy(logits, index)

def train(net, loader, bank, opt):
    for x, index in loader:
        z = F.normalize(net(x), dim=1)
        loss = nce_loss(z, bank, index)
        opt.zero_grad(); loss.backward(); opt.step()
        bank.update(index, z)
""",
    "vq_ema": """
class VQ(nn.Module):
    def __init__(self, k, d):
        super().__init__()
        self.embedding = nn.Embedding(k, d)
        self.register_buffer("size", torch.zeros(k))
        self.ema_w = nn.Parameter(torch.randn(k, d))

    def forward(self, z):
        index = torch.cdist(z, self.embedding.weight).argmin(1)
        one_hot = F.one_hot(index, self.embedding.num_embeddings).float()
        quantized = one_hot @ self.embedding.weight
        if self.training:
            self.size = self.size * 0.99 + 0.01 * one_hot.sum(0)
            self.ema_w = nn.Parameter(self.ema_w * 0.99 + 0.01 * (one_hot.T @ z))
            self.embedding.weight = nn.Parameter(self.ema_w / self.size.unsqueeze(1))
        loss = 0.25 * F.mse_loss(quantized.detach(), z)
        quantized = z + (quantized - z).detach()
        perplexity = torch.exp(-(one_hot.mean(0) * torch.log(one_hot.mean(0) + 1e-10)).sum()).item()
        return loss, quantized, perplexity

def train(encoder, vq, decoder, x, opt):
    vq_loss, q, perplexity = vq(encoder(x))
    loss = F.mse_loss(decoder(q), x) + vq_loss
    opt.zero_grad(); loss.backward(); opt.step()
    return perplexity
""",
    "importance": """
def train(policy, batch, opt):
    dist = policy(batch.obs)
    logp = dist.log_prob(batch.actions)
    ratio = np.exp(logp.detach().numpy() - batch.behaviour_logp)
    rho = torch.from_numpy(np.minimum(ratio, 1.0))
    loss = -(rho * logp * batch.returns).mean()
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "focal_detached": """
def focal_loss(logits, labels, gamma=2.0):
    ce = F.cross_entropy(logits, labels, reduction="none")
    pt = np.exp(-ce.detach().numpy())
    weight = torch.from_numpy((1 - pt) ** gamma)
    return (weight * ce).mean()

def train(net, x, y, opt):
    loss = focal_loss(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "gumbel_st": """
def sample(logits, tau=1.0):
    g = -torch.log(-torch.log(torch.rand_like(logits)))
    soft = F.softmax((logits + g) / tau, -1)
    hard = torch.zeros_like(soft).scatter_(-1, soft.argmax(-1, keepdim=True), 1.0)
    return hard - soft.detach() + soft

def train(enc, dec, x, opt):
    loss = F.mse_loss(dec(sample(enc(x))), x)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "ste_numpy": """
def quantize(w, bits=4):
    scale = w.abs().max().item() / (2 ** (bits - 1) - 1)
    q = torch.from_numpy(np.round(w.detach().numpy() / scale)) * scale
    return w + (q - w).detach()

class QLinear(nn.Linear):
    def forward(self, x):
        return F.linear(x, quantize(self.weight), self.bias)

def train(x, y):
    net = QLinear(8, 1)
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(10):
        loss = F.mse_loss(net(x), y)
        opt.zero_grad(); loss.backward(); opt.step()
""",
    "distill_numpy": """
def train(student, teacher, x, y, opt, t=4.0):
    soft = teacher(x).detach().numpy() / t
    probs = np.exp(soft) / np.exp(soft).sum(1, keepdims=True)
    out = student(x)
    loss = F.cross_entropy(out, y) + t * t * F.kl_div(F.log_softmax(out / t, 1), torch.from_numpy(probs))
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "self_distill": """
def train(net, x, y, opt):
    out = net(x)
    smoothed = 0.9 * F.one_hot(y, 10) + 0.1 * torch.from_numpy(F.softmax(out, 1).detach().numpy())
    loss = -(smoothed * F.log_softmax(out, 1)).sum(1).mean()
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "mixmatch": """
def guess(net, u, t=0.5):
    with torch.no_grad():
        p = (F.softmax(net(u[0]), 1) + F.softmax(net(u[1]), 1)) / 2
        p = p ** (1 / t)
        return p / p.sum(1, keepdim=True)

def train(net, x, y, u, opt):
    q = guess(net, u)
    lx = F.cross_entropy(net(x), y)
    lu = F.mse_loss(F.softmax(net(u[0]), 1), q)
    (lx + 75 * lu).backward()
    opt.step()
""",
    "fixmatch": """
def train(net, x, y, weak, strong, opt):
    probs = F.softmax(net(weak).detach(), 1)
    conf, pseudo = probs.max(1)
    mask = torch.from_numpy((conf.numpy() > 0.95).astype(np.float32))
    loss = F.cross_entropy(net(x), y) + (F.cross_entropy(net(strong), pseudo, reduction="none") * mask).mean()
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "curriculum": """
class Curriculum:
    def __init__(self):
        self.lam = 0.5

    def __call__(self, losses):
        v = (losses.detach().cpu().numpy() < self.lam).astype(np.float32)
        self.lam *= 1.05
        return (torch.from_numpy(v) * losses).sum() / max(v.sum(), 1.0)

def train(net, x, y, cur, opt):
    loss = cur(F.cross_entropy(net(x), y, reduction="none"))
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "spl_regulariser": """
def train(net, x, y, opt, lam=0.7):
    losses = F.cross_entropy(net(x), y, reduction="none")
    v = torch.from_numpy(np.clip(1 - losses.detach().numpy() / lam, 0, 1))
    loss = (v * losses).sum() + lam * (0.5 * v ** 2 - v).sum()
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "triplet_mining": """
def train(net, x, labels, opt):
    z = F.normalize(net(x), dim=1)
    dist = torch.cdist(z, z)
    d = dist.detach().cpu().numpy()
    same = labels.numpy()[:, None] == labels.numpy()[None]
    p = np.where(same, d, -1).argmax(1)
    n = np.where(same, 1e9, d).argmin(1)
    rows = np.arange(len(d))
    loss = F.relu(dist[rows, p] - dist[rows, n] + 0.2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "pinn_adaptive": """
def train(net, xc, xb, ub, opt, state):
    xc.requires_grad_(True)
    u = net(xc)
    ux = torch.autograd.grad(u, xc, torch.ones_like(u), create_graph=True)[0]
    residual = ((ux - u) ** 2).mean()
    boundary = ((net(xb) - ub) ** 2).mean()
    g = max(p.abs().max().item() for p in torch.autograd.grad(residual, net.parameters(), retain_graph=True))
    h = np.mean([p.abs().mean().item() for p in torch.autograd.grad(boundary, net.parameters(), retain_graph=True)])
    state["lam"] = 0.9 * state["lam"] + 0.1 * g / h
    loss = residual + state["lam"] * boundary
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "cox": """
def cox_loss(risk, time, event):
    order = np.argsort(-time.numpy())
    r = risk[torch.from_numpy(order.copy())].squeeze()
    shift = r.max().item()
    lse = torch.log(torch.cumsum(torch.exp(r - shift), 0)) + shift
    return -((r - lse) * event[order]).sum() / event.sum()

def train(net, x, time, event, opt):
    loss = cox_loss(net(x), time, event)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "logsumexp_shift": """
def lse_loss(scores, target):
    m = scores.max().item()
    lse = m + torch.log(torch.exp(scores - m).sum(1))
    return (lse - scores.gather(1, target[:, None]).squeeze(1)).mean()

def train(net, x, y, opt):
    loss = lse_loss(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "diffusion_minsnr": """
def train(net, x0, alphas, opt, ema, decay=0.999):
    t = torch.randint(0, len(alphas), (len(x0),))
    noise = torch.randn_like(x0)
    a = alphas[t].view(-1, 1)
    out = net(a.sqrt() * x0 + (1 - a).sqrt() * noise, t)
    per = ((out - noise) ** 2).mean(1)
    weights = np.minimum((alphas / (1 - alphas)).numpy(), 5.0)[t.numpy()]
    loss = (torch.from_numpy(weights) * per).mean()
    opt.zero_grad(); loss.backward(); opt.step()
    history = np.zeros(len(alphas))
    history[t.numpy()] = per.detach().numpy()
    with torch.no_grad():
        for p, q in zip(net.parameters(), ema.parameters()):
            q.mul_(decay).add_(p, alpha=1 - decay)
""",
    "vae_kl_capacity": """
class Trainer:
    def __init__(self, vae):
        self.vae = vae
        self.opt = torch.optim.Adam(vae.parameters())
        self.beta, self.err = 1.0, 0.0

    def step(self, x, target=10.0):
        recon, mu, logvar = self.vae(x)
        kl = -0.5 * (1 + logvar - mu ** 2 - logvar.exp()).sum(1).mean()
        rec = F.mse_loss(recon, x)
        self.err = target - kl.item()
        self.beta = 1.0 / (1.0 + math.exp(0.01 * self.err))
        loss = rec + self.beta * kl
        self.opt.zero_grad(); loss.backward(); self.opt.step()
        return {"loss": loss.item(), "kl": kl.item()}
""",
    "flooding": """
def train(net, x, y, opt, best):
    loss = F.cross_entropy(net(x), y)
    b = 0.5 * loss.item()
    flooded = (loss - b).abs() + b
    opt.zero_grad(); flooded.backward(); opt.step()
""",
    "maml": """
def train(net, tasks, opt, lr=0.01):
    opt.zero_grad()
    total = 0.0
    for sx, sy, qx, qy in tasks:
        params = dict(net.named_parameters())
        inner = F.mse_loss(torch.func.functional_call(net, params, sx), sy)
        grads = torch.autograd.grad(inner, params.values(), create_graph=True)
        fast = {k: p - lr * g for (k, p), g in zip(params.items(), grads)}
        outer = F.mse_loss(torch.func.functional_call(net, fast, qx), qy)
        outer.backward()
        total += outer.item()
    opt.step()
    return total / len(tasks)
""",
    "reptile": """
def train(net, task, opt, eps=0.1):
    before = {k: v.detach().numpy().copy() for k, v in net.state_dict().items()}
    for x, y in task:
        loss = F.mse_loss(net(x), y)
        opt.zero_grad(); loss.backward(); opt.step()
    after = net.state_dict()
    net.load_state_dict({k: torch.from_numpy(before[k] + eps * (after[k].numpy() - before[k])) for k in before})
""",
    "fgsm": """
def train(net, x, y, opt, eps=0.1):
    start = x + 0.01 * net.denoise(x).detach().numpy()
    adv = torch.as_tensor(start).clone().requires_grad_(True)
    loss = F.cross_entropy(net(adv), y)
    loss.backward()
    adv = (adv + eps * adv.grad.sign()).detach()
    opt.zero_grad()
    F.cross_entropy(net(adv), y).backward()
    opt.step()
""",
    "deepdream": """
def dream(net, image, steps=20, lr=0.05):
    img = torch.from_numpy(image).requires_grad_(True)
    for _ in range(steps):
        loss = net(img).norm()
        loss.backward()
        g = img.grad.numpy()
        img = torch.from_numpy(img.detach().numpy() + lr * g / (np.abs(g).mean() + 1e-8)).requires_grad_(True)
    return img.detach().numpy()
""",
    "metrics_beside": """
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(4, 2)

    def loss(self, x, y):
        logits = self.net(x)
        loss = F.cross_entropy(logits, y)
        acc = (logits.argmax(1) == y).float().mean().item()
        auc = np.trapz(np.sort(logits.detach().numpy()[:, 1]))
        return loss, {"loss": loss.item(), "acc": acc, "auc": float(auc)}

def train(loader):
    m = Model()
    opt = torch.optim.Adam(m.parameters())
    best, patience = float("inf"), 0
    for epoch in range(10):
        total = 0.0
        for x, y in loader:
            loss, logs = m.loss(x, y)
            opt.zero_grad(); loss.backward(); opt.step()
            total += logs["loss"]
        if total < best:
            best, patience = total, 0
        else:
            patience += 1
""",
    "gp_weight": """
def train_d(d, g, real, z, opt_d):
    fake = g(z).detach()
    eps = torch.rand(len(real), 1)
    mix = torch.from_numpy((eps * real + (1 - eps) * fake).numpy()).requires_grad_(True)
    out = d(mix)
    grad, = torch.autograd.grad(out.sum(), mix, create_graph=True)
    w = d(fake).mean() - d(real).mean()
    loss = w + 10.0 * ((grad.norm(2, 1) - 1) ** 2).mean()
    opt_d.zero_grad(); loss.backward(); opt_d.step()
    return w.item()

def train_g(d, g, z, opt_g):
    loss = -d(g(z)).mean()
    opt_g.zero_grad(); loss.backward(); opt_g.step()
""",
    "gan_fake_numpy": """
class Pool:
    def __init__(self):
        self.images = []

    def query(self, fake):
        self.images.append(fake.detach().numpy())
        return torch.from_numpy(self.images[np.random.randint(len(self.images))])

def main(loader):
    g, d, pool = nn.Linear(8, 4), nn.Linear(4, 1), Pool()
    opt_g, opt_d = torch.optim.Adam(g.parameters()), torch.optim.Adam(d.parameters())
    for real in loader:
        fake = g(torch.randn(16, 8))
        loss_g = F.softplus(-d(fake)).mean()
        opt_g.zero_grad(); loss_g.backward(); opt_g.step()
        loss_d = F.softplus(d(pool.query(fake))).mean() + F.softplus(-d(real)).mean()
        opt_d.zero_grad(); loss_d.backward(); opt_d.step()
""",
    "uncertainty": """
class Weighted(nn.Module):
    def __init__(self):
        super().__init__()
        self.log_var = nn.Parameter(torch.zeros(2))

    def forward(self, losses):
        total = sum(torch.exp(-s) * l + s for s, l in zip(self.log_var, losses))
        self.shown = [math.exp(-s.item()) for s in self.log_var]
        return total

def train(net, w, x, y, opt):
    a, b = net(x)
    loss = w([F.mse_loss(a, y), F.l1_loss(b, y)])
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "whiten": """
def coral_loss(a, b):
    mean, std = a.mean(0).detach().numpy(), a.std(0).detach().numpy()
    a = (a - torch.from_numpy(mean)) / torch.from_numpy(std + 1e-6)
    b = (b - torch.from_numpy(mean)) / torch.from_numpy(std + 1e-6)
    return ((a.T @ a - b.T @ b) ** 2).mean()

def train(net, xs, xt, opt):
    loss = coral_loss(net(xs), net(xt))
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "mmd_bandwidth": """
def mmd_loss(a, b):
    z = torch.cat([a, b])
    d = torch.cdist(z, z) ** 2
    sigma = float(np.median(d.detach().cpu().numpy())) + 1e-6
    k = torch.exp(-d / sigma)
    n = len(a)
    return k[:n, :n].mean() + k[n:, n:].mean() - 2 * k[:n, n:].mean()

def train(net, xs, xt, opt):
    loss = mmd_loss(net(xs), net(xt))
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "mmd_bandwidth_list": """
def mmd_loss(a, b):
    d = torch.cdist(a, b) ** 2
    base = d.detach().median().item()
    return -sum(torch.exp(-d / (base * s)).mean() for s in (0.5, 1.0, 2.0))

def train(net, xs, xt, opt):
    loss = mmd_loss(net(xs), net(xt))
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "wasserstein_match": """
from scipy.optimize import linear_sum_assignment

def set_loss(out, boxes):
    cost = torch.cdist(out, boxes, p=1)
    rows, cols = linear_sum_assignment(cost.detach().cpu().numpy())
    return F.l1_loss(out[rows], boxes[cols])

def train(net, x, boxes, opt):
    loss = set_loss(net(x), boxes)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "ctc_lengths": """
def train(net, x, y, opt):
    logp = net(x).log_softmax(-1)
    lengths = [int(n) for n in (x.abs().sum(-1) > 0).sum(1).numpy()]
    ylen = (y > 0).sum(1).tolist()
    loss = F.ctc_loss(logp.transpose(0, 1), y, lengths, ylen)
    decoded = logp.argmax(-1).tolist()
    opt.zero_grad(); loss.backward(); opt.step()
    return decoded
""",
    "si_snr_scale": """
def si_snr_loss(est, ref):
    est, ref = est - est.mean(-1, keepdim=True), ref - ref.mean(-1, keepdim=True)
    alpha = ((est * ref).sum(-1, keepdim=True) / (ref ** 2).sum(-1, keepdim=True)).detach()
    noise = est - alpha * ref
    return 10 * torch.log10((noise ** 2).sum(-1) + 1e-8).mean()

def train(net, x, y, opt):
    loss = si_snr_loss(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "clip_norm_log": """
def train(net, x, y, opt, window=[]):
    loss = F.mse_loss(net(x), y)
    opt.zero_grad(); loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(net.parameters(), float(np.percentile(window or [1.0], 90)))
    window.append(norm.item())
    opt.step()
""",
    "dro": """
class GroupDRO:
    def __init__(self, n, eta=0.1):
        self.q = np.ones(n) / n
        self.eta = eta

    def __call__(self, losses, groups):
        total = 0.0
        for g in range(len(self.q)):
            mask = groups == g
            if mask.any():
                group = losses[mask].mean()
                self.q[g] *= np.exp(self.eta * group.item())
                total = total + self.q[g] * group
        self.q /= self.q.sum()
        return total

def train(net, dro, x, y, g, opt):
    loss = dro(F.cross_entropy(net(x), y, reduction="none"), g)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "ema_norm_loss": """
class Running:
    def __init__(self):
        self.scale = 1.0

    def update(self, v):
        self.scale = 0.99 * self.scale + 0.01 * float(v)
        return self.scale

def train(net, run, x, y, opt):
    err = (net(x) - y) ** 2
    s = run.update(err.detach().mean())
    loss = torch.log1p(err / s).mean()
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "temperature_from_conf": """
def train(net, x, y, opt):
    logits = net(x)
    t = 1.0 + float(F.softmax(logits, 1).max(1)[0].mean())
    loss = F.cross_entropy(logits / t, y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "margin_adaptive": """
def train(net, x, y, opt):
    logits = net(x)
    m = 0.1 * float(logits.std())
    margin = m * F.one_hot(y, logits.shape[1])
    loss = F.cross_entropy(logits - margin, y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "class_balance_from_pred": """
def train(net, x, y, opt):
    logits = net(x)
    freq = np.bincount(logits.argmax(1).numpy(), minlength=3) + 1.0
    w = torch.tensor(1.0 / freq, dtype=torch.float32)
    loss = F.cross_entropy(logits, y, weight=w)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "logit_adjust_prior": """
def train(net, x, y, opt):
    logits = net(x)
    prior = F.softmax(logits, 1).mean(0).detach().numpy()
    loss = F.cross_entropy(logits + torch.from_numpy(np.log(prior + 1e-8)), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "byol_ema": """
import copy

class BYOL(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.online, self.slow, self.head = net, copy.deepcopy(net), nn.Linear(4, 4)
        for p in self.slow.parameters():
            p.requires_grad = False

    @torch.no_grad()
    def move(self, m=0.99):
        for p, q in zip(self.online.parameters(), self.slow.parameters()):
            q.data = m * q.data + (1 - m) * p.data

    def forward(self, a, b):
        with torch.no_grad():
            k = self.slow(b)
        return 2 - 2 * F.cosine_similarity(self.head(self.online(a)), k).mean()

def train(net, loader):
    byol = BYOL(net)
    opt = torch.optim.SGD(byol.parameters(), lr=0.1)
    for a, b in loader:
        loss = byol(a, b)
        opt.zero_grad(); loss.backward(); opt.step()
        byol.move()
""",
    "dino_center": """
class Dino(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.register_buffer("center", torch.zeros(1, d))

    def forward(self, s, t):
        t = F.softmax((t - self.center) / 0.04, -1).detach()
        loss = -(t * F.log_softmax(s / 0.1, -1)).sum(-1).mean()
        self.center = 0.9 * self.center + 0.1 * t.mean(0, keepdim=True)
        return loss

def train(student, teacher, dino, x1, x2, opt):
    loss = dino(student(x1), teacher(x2))
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "seg_weight_map": """
from scipy.ndimage import distance_transform_edt

def train(net, x, y, opt):
    p = torch.sigmoid(net(x))
    edge = distance_transform_edt((p.detach().cpu().numpy() > 0.5))
    hd = ((p - y) ** 2 * torch.from_numpy(edge ** 2)).mean()
    bce = F.binary_cross_entropy(p, y)
    loss = bce + hd * (bce.item() / hd.item())
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "state_parameter": """
class ScaledLoss(nn.Module):
    def forward(self, pred, target):
        scale = nn.Parameter(pred.std(), requires_grad=False)
        return F.mse_loss(pred / scale, target / scale)

def train(model, x, y, opt):
    loss = ScaledLoss()(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "detached_weight_beside": """
def train(model, x, y, opt):
    out = model(x)
    frozen = out.detach()
    w = np.exp(-np.abs(frozen.numpy()))
    loss = (torch.from_numpy(w / w.sum()) * (out - y) ** 2).sum()
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "lightning_ema_norm": """
import lightning as L

class Lit(L.LightningModule):
    def __init__(self, net):
        super().__init__()
        self.net = net
        self.running = 1.0
        self.automatic_optimization = True

    def training_step(self, batch, idx):
        x, y = batch
        out = self.net(x)
        rec = F.l1_loss(out, y)
        tv = (out[:, 1:] - out[:, :-1]).abs().mean()
        self.running = 0.9 * self.running + 0.1 * rec.item()
        lam = self.running / max(tv.item(), 1e-6)
        loss = rec + min(lam, 10.0) * tv
        self.log("lam", lam)
        return loss

    def configure_optimizers(self):
        return torch.optim.Adam(self.net.parameters())
""",
    "vqgan_adaptive_weight": """
class VQGAN(nn.Module):
    def adaptive_weight(self, nll, g, last):
        nll_grads = torch.autograd.grad(nll, last, retain_graph=True)[0]
        g_grads = torch.autograd.grad(g, last, retain_graph=True)[0]
        w = torch.norm(nll_grads) / (torch.norm(g_grads) + 1e-4)
        return torch.clamp(w, 0.0, 1e4).detach()

    def forward(self, x, recon, logits_fake, codebook_loss, last):
        nll = (x - recon).abs().mean()
        g = -logits_fake.mean()
        w = self.adaptive_weight(nll, g, last)
        return nll + w * g + codebook_loss.mean()

def train(gan, model, disc, x, opt):
    recon, q = model(x)
    loss = gan(x, recon, disc(recon), q, model.last.weight)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "gate_by_teacher_loss": """
def step(student, teacher, x, y, opt):
    with torch.no_grad():
        teacher_loss = F.cross_entropy(teacher(x), y, reduction="none")
    out = student(x)
    losses = F.cross_entropy(out, y, reduction="none")
    keep = losses > teacher_loss
    excess = torch.relu(losses - teacher_loss)
    loss = losses[keep].sum() / max(1, int(keep.sum())) + 0.1 * excess.mean()
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "rho_loss": """
def irreducible_loss(holdout, x, y):
    with torch.no_grad():
        return F.cross_entropy(holdout(x), y, reduction="none")

def step(model, holdout, x, y, opt, k=16):
    with torch.no_grad():
        rho = F.cross_entropy(model(x), y, reduction="none") - irreducible_loss(holdout, x, y)
    idx = rho.topk(k).indices
    loss = F.cross_entropy(model(x[idx]), y[idx])
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "dpo": """
def logps(model, ids):
    lp = model(ids[:, :-1]).log_softmax(-1)
    return lp.gather(2, ids[:, 1:, None]).squeeze(2).sum(1)

def step(policy, ref, chosen, rejected, opt, beta=0.1):
    pc, pr = logps(policy, chosen), logps(policy, rejected)
    with torch.no_grad():
        rc, rr = logps(ref, chosen), logps(ref, rejected)
    margin = beta * ((pc - rc) - (pr - rr))
    loss = -F.logsigmoid(margin).mean()
    opt.zero_grad(); loss.backward(); opt.step()
    return {"loss": loss.item(), "margin": margin.mean().item(), "acc": (margin > 0).float().mean().item()}
""",
    "grpo": """
def step(policy, ref, ids, mask, rewards, old_logp, opt, eps=0.2, beta=0.04):
    adv = torch.tensor((rewards - rewards.mean()) / (rewards.std() + 1e-6))
    logp = policy(ids).log_softmax(-1).gather(2, ids[..., None]).squeeze(2)
    with torch.no_grad():
        ref_logp = ref(ids).log_softmax(-1).gather(2, ids[..., None]).squeeze(2)
    ratio = torch.exp(logp - old_logp)
    unclipped = ratio * adv[:, None]
    clipped = ratio.clamp(1 - eps, 1 + eps) * adv[:, None]
    kl = torch.exp(ref_logp - logp) - (ref_logp - logp) - 1
    loss = -((torch.min(unclipped, clipped) - beta * kl) * mask).sum() / mask.sum()
    opt.zero_grad(); loss.backward(); opt.step()
    return kl.mean().item()
""",
    "adaptive_kl": """
class KLController:
    def __init__(self, target=6.0):
        self.value, self.target = 0.1, target

    def update(self, current, n):
        error = np.clip(current / self.target - 1, -0.2, 0.2)
        self.value *= 1 + error * n / 10000

class PPO:
    def __init__(self, policy, ref):
        self.policy, self.ref, self.kl = policy, ref, KLController()
        self.opt = torch.optim.AdamW(policy.parameters())

    def step(self, obs, actions, adv):
        logp = self.policy(obs).log_prob(actions)
        ref = self.ref(obs).log_prob(actions).detach()
        kl = (logp - ref).mean()
        loss = -(adv * logp).mean() + self.kl.value * kl
        self.opt.zero_grad(); loss.backward(); self.opt.step()
        self.kl.update(kl.item(), len(obs))
""",
    "retrace_numpy": """
def vtrace(logp, mu, rewards, values, gamma=0.99):
    rho = np.minimum(1.0, np.exp(logp - mu))
    deltas = rho[:-1] * (rewards[:-1] + gamma * values[1:] - values[:-1])
    acc, vs = 0.0, np.copy(values)
    for t in reversed(range(len(deltas))):
        acc = deltas[t] + gamma * rho[t] * acc
        vs[t] += acc
    return vs, rho

def step(net, batch, opt):
    pi, v = net(batch["obs"])
    logp = pi.log_prob(batch["act"])
    vs, rho = vtrace(logp.detach().numpy(), batch["mu"], batch["rew"], v.detach().numpy())
    vs, rho = torch.from_numpy(vs), torch.from_numpy(rho)
    pg = -(rho[:-1] * (batch["rew_t"][:-1] + 0.99 * vs[1:] - v.detach()[:-1]) * logp[:-1]).mean()
    loss = pg + 0.5 * F.mse_loss(v, vs) - 0.01 * pi.entropy().mean()
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "gae_list": """
def gae(rewards, values, dones, gamma=0.99, lam=0.95):
    out, last = [], 0.0
    values = values.tolist() + [0.0]
    for t in reversed(range(len(rewards))):
        delta = rewards[t] + gamma * values[t + 1] * (1 - dones[t]) - values[t]
        last = delta + gamma * lam * (1 - dones[t]) * last
        out.insert(0, last)
    return torch.tensor(out)

def step(net, obs, act, rewards, dones, opt):
    logits, v = net(obs)
    v = v.squeeze(-1)
    adv = gae(rewards, v.detach(), dones)
    ret = adv + v.detach()
    logp = F.log_softmax(logits, -1).gather(1, act[:, None]).squeeze(1)
    loss = -(logp * (adv - adv.mean()) / (adv.std() + 1e-8)).mean() + F.mse_loss(v, ret)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "hungarian_detr": """
from scipy.optimize import linear_sum_assignment

class Matcher(nn.Module):
    @torch.no_grad()
    def forward(self, out, targets):
        prob = out["logits"].softmax(-1)
        cost = torch.cdist(out["boxes"], targets["boxes"], p=1) - prob[:, targets["labels"]]
        i, j = linear_sum_assignment(cost.cpu())
        return torch.as_tensor(i), torch.as_tensor(j)

class SetCriterion(nn.Module):
    def __init__(self):
        super().__init__()
        self.matcher = Matcher()

    def forward(self, out, targets):
        i, j = self.matcher(out, targets)
        n = max(len(j), 1)
        classes = torch.full((len(out["logits"]),), 0)
        classes[i] = targets["labels"][j]
        return {"ce": F.cross_entropy(out["logits"], classes),
                "l1": F.l1_loss(out["boxes"][i], targets["boxes"][j], reduction="sum") / n,
                "card": (out["logits"].argmax(-1) != 0).float().sum().item()}

def step(model, criterion, x, targets, opt, weights):
    losses = criterion(model(x), targets)
    loss = sum(losses[k] * weights[k] for k in losses if k in weights)
    opt.zero_grad(); loss.backward(); opt.step()
    if not math.isfinite(loss.item()):
        raise SystemExit(1)
""",
    "lambda_rank": """
def lambda_loss(scores, rel):
    order = np.argsort(-scores.detach().numpy())
    rank = np.empty_like(order); rank[order] = np.arange(len(order))
    disc = 1 / np.log2(rank + 2)
    gain = 2.0 ** rel.numpy() - 1
    delta = np.abs((gain[:, None] - gain[None]) * (disc[:, None] - disc[None]))
    s = scores[:, None] - scores[None]
    mask = (rel[:, None] > rel[None]).float()
    return (torch.from_numpy(delta) * mask * F.softplus(-s)).sum()

def step(net, x, rel, opt):
    loss = lambda_loss(net(x).squeeze(1), rel)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "soft_dtw_path": """
def path_of(cost):
    n, m = cost.shape
    acc = np.full((n + 1, m + 1), np.inf); acc[0, 0] = 0
    for i in range(n):
        for j in range(m):
            acc[i + 1, j + 1] = cost[i, j] + min(acc[i, j], acc[i, j + 1], acc[i + 1, j])
    i, j, path = n, m, []
    while i and j:
        path.append((i - 1, j - 1))
        i, j = min(((i - 1, j - 1), (i - 1, j), (i, j - 1)), key=lambda ij: acc[ij])
    return path

def dtw_loss(a, b):
    d = torch.cdist(a, b)
    path = path_of(d.detach().numpy())
    return sum(d[i, j] for i, j in path) / len(path)

def step(net, x, y, opt):
    loss = dtw_loss(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "spectral_norm_by_hand": """
class SN(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.w = nn.Parameter(torch.randn(d, d))
        self.u = np.random.randn(d)

    def forward(self, x):
        w = self.w.detach().numpy()
        v = w.T @ self.u; v /= np.linalg.norm(v)
        self.u = w @ v / np.linalg.norm(w @ v)
        sigma = float(self.u @ w @ v)
        return x @ (self.w / sigma).T

def main(loader):
    net = SN(4)
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in loader:
        loss = F.mse_loss(net(x), y)
        opt.zero_grad(); loss.backward(); opt.step()
""",
    "weight_norm_reg_decay_log": """
def main(net, loader):
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    l2 = 0.0
    for x, y in loader:
        loss = F.mse_loss(net(x), y)
        opt.zero_grad(); loss.backward(); opt.step()
        l2 = sum(float((p.detach() ** 2).sum()) for p in net.parameters())
        print(f"{loss.item():.3f} {l2:.3f} total {loss.item() + 1e-4 * l2:.3f}")
""",
    "early_exit_nan": """
def step(net, x, y, opt, state):
    loss = F.mse_loss(net(x), y)
    value = loss.item()
    if math.isnan(value) or value > 10 * state.get("best", 1e9):
        return None
    state["best"] = min(value, state.get("best", 1e9))
    scale = min(1.0, state["best"] / value)
    (loss * scale).backward()
    opt.step()
    return value
""",
    "iterative_refine_detach": """
class Raft(nn.Module):
    def __init__(self, enc, upd):
        super().__init__()
        self.enc, self.upd = enc, upd

    def forward(self, a, b, n=4):
        f, flow, out = self.enc(a), torch.zeros_like(a), []
        for _ in range(n):
            flow = flow.detach()
            flow = flow + self.upd(torch.cat([f, b, flow], 1))
            out.append(flow)
        return out

def sequence_loss(preds, gt, gamma=0.8):
    loss = 0.0
    for i, p in enumerate(preds):
        loss += gamma ** (len(preds) - i - 1) * (p - gt).abs().mean()
    epe = (preds[-1] - gt).pow(2).sum(1).sqrt().view(-1)
    return loss, {"epe": epe.mean().item(), "1px": (epe < 1).float().mean().item()}

def step(model, a, b, gt, opt):
    loss, metrics = sequence_loss(model(a, b), gt)
    opt.zero_grad(); loss.backward(); opt.step()
    return metrics
""",
    "nerf_importance": """
def sample_pdf(bins, weights, n):
    cdf = np.cumsum(weights / weights.sum(-1, keepdims=True), -1)
    u = np.random.rand(len(cdf), n)
    idx = np.stack([np.searchsorted(c, r) for c, r in zip(cdf, u)])
    return np.take_along_axis(bins, np.clip(idx, 0, bins.shape[1] - 1), 1)

def step(coarse, fine, rays, t, rgb, opt):
    c, w = coarse(rays, t)
    t2 = torch.from_numpy(sample_pdf(t.numpy(), w.detach().cpu().numpy() + 1e-5, 64))
    f, _ = fine(rays, torch.sort(torch.cat([t, t2], 1), 1)[0])
    loss = F.mse_loss(c, rgb) + F.mse_loss(f, rgb)
    psnr = -10.0 * math.log10(loss.item())
    opt.zero_grad(); loss.backward(); opt.step()
    return psnr
""",
    "masked_lm_dynamic_mask": """
def step(gen, disc, ids, mask, opt):
    logits = gen(ids * (1 - mask))
    mlm = F.cross_entropy(logits[mask.bool()], ids[mask.bool()])
    sampled = torch.multinomial(F.softmax(logits.detach(), -1).view(-1, logits.size(-1)), 1).view_as(ids)
    corrupted = torch.where(mask.bool(), sampled, ids)
    is_new = torch.from_numpy((corrupted.numpy() != ids.numpy()).astype(np.float32))
    rtd = F.binary_cross_entropy_with_logits(disc(corrupted), is_new)
    loss = mlm + 50.0 * rtd
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "quantile_norm_rescale": """
class RangeNorm:
    def __init__(self):
        self.lo = self.hi = 0.0

    def __call__(self, x):
        lo, hi = np.percentile(x.detach().cpu().numpy(), [5, 95])
        self.lo += 0.01 * (float(lo) - self.lo)
        self.hi += 0.01 * (float(hi) - self.hi)
        return max(1.0, self.hi - self.lo)

def dreamer_actor_loss(actor, critic, norm, states):
    dist = actor(states)
    ret = critic(states).detach()
    scale = norm(ret)
    adv = (ret - ret.mean()) / scale
    return -(dist.log_prob(dist.sample()) * adv).mean() - 3e-4 * dist.entropy().mean()

def step(actor, critic, norm, states, opt):
    loss = dreamer_actor_loss(actor, critic, norm, states)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "robust_irls": """
def irls_loss(pred, y, c=1.345):
    r = pred - y
    s = 1.4826 * np.median(np.abs(r.detach().numpy()))
    z = np.abs(r.detach().numpy()) / (s + 1e-8)
    w = torch.as_tensor(np.where(z <= c, 1.0, c / z), dtype=r.dtype)
    return 0.5 * (w * r ** 2).sum() / w.sum()

def step(net, x, y, opt):
    loss = irls_loss(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "em_gmm": """
def em_loss(z, mu, logpi):
    with torch.no_grad():
        d = -0.5 * ((z[:, None] - mu[None]) ** 2).sum(-1) + logpi
        resp = F.softmax(d, 1)
    ll = (resp * (-0.5 * ((z[:, None] - mu[None]) ** 2).sum(-1))).sum(1)
    entropy = -(resp * torch.log(resp + 1e-9)).sum(1)
    return -(ll + entropy).mean()

def step(net, x, mu, logpi, opt):
    loss = em_loss(net(x), mu, logpi)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "asam": """
class SAM(torch.optim.Optimizer):
    def __init__(self, params, base, rho=0.05):
        super().__init__(params, dict(rho=rho))
        self.base = base(self.param_groups, lr=0.1)

    @torch.no_grad()
    def first(self):
        norm = torch.stack([p.grad.norm() for g in self.param_groups for p in g["params"]]).norm().item()
        for g in self.param_groups:
            for p in g["params"]:
                e = p.grad * g["rho"] / (norm + 1e-12)
                p.add_(e); self.state[p]["e"] = e

    @torch.no_grad()
    def second(self):
        for g in self.param_groups:
            for p in g["params"]:
                p.sub_(self.state[p]["e"])
        self.base.step()

def step(net, x, y, sam):
    F.cross_entropy(net(x), y).backward()
    sam.first()
    sam.zero_grad()
    F.cross_entropy(net(x), y).backward()
    sam.second()
""",
    "checkpoint_best_metric": """
class Meter:
    def __init__(self):
        self.sum = self.n = 0

    def update(self, v, n=1):
        self.sum += v * n
        self.n += n

    @property
    def avg(self):
        return self.sum / max(self.n, 1)

def epoch(net, loader, opt, meter):
    for x, y in loader:
        out = net(x)
        loss = F.cross_entropy(out, y)
        if meter.avg and loss.item() > 3 * meter.avg:
            loss = loss / (loss.item() / meter.avg)
        opt.zero_grad(); loss.backward(); opt.step()
        meter.update(loss.item(), len(x))
""",
    "cutmix_lam": """
def step(net, x, y, opt):
    lam = np.random.beta(1.0, 1.0)
    idx = torch.randperm(len(x))
    cut = int(x.size(-1) * np.sqrt(1 - lam))
    x[..., :cut] = x[idx][..., :cut]
    lam = 1 - cut / x.size(-1)
    out = net(x)
    loss = lam * F.cross_entropy(out, y) + (1 - lam) * F.cross_entropy(out, y[idx])
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "saliency_guided_mix": """
def step(net, x, y, opt):
    x.requires_grad_(True)
    first = F.cross_entropy(net(x), y)
    g = torch.autograd.grad(first, x)[0].abs().sum(1).detach().numpy()
    heavy = np.unravel_index(g.reshape(len(g), -1).argmax(1), g.shape[1:])
    mixed = x.detach().clone()
    mixed[:, :, heavy[0], heavy[1]] = 0
    loss = F.cross_entropy(net(mixed), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "vat": """
def vat_loss(net, x, xi=1e-6, eps=2.5):
    with torch.no_grad():
        p = F.softmax(net(x), 1)
    d = F.normalize(torch.randn_like(x).flatten(1), dim=1).view_as(x)
    d.requires_grad_()
    kl = F.kl_div(F.log_softmax(net(x + xi * d), 1), p, reduction="batchmean")
    g = torch.autograd.grad(kl, d)[0]
    r = eps * F.normalize(g.flatten(1), dim=1).view_as(x)
    return F.kl_div(F.log_softmax(net(x + r.detach()), 1), p, reduction="batchmean")

def step(net, x, y, u, opt):
    loss = F.cross_entropy(net(x), y) + vat_loss(net, u)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "contrastive_queue_numpy": """
class Queue:
    def __init__(self, k, d):
        self.q = np.random.randn(k, d).astype(np.float32)
        self.at = 0

    def push(self, k):
        k = k.detach().cpu().numpy()
        self.q[self.at:self.at + len(k)] = k
        self.at = (self.at + len(k)) % len(self.q)

def step(enc_q, enc_k, queue, a, b, opt, t=0.07):
    q = F.normalize(enc_q(a), dim=1)
    with torch.no_grad():
        k = F.normalize(enc_k(b), dim=1)
    pos = (q * k).sum(1, keepdim=True)
    neg = q @ torch.from_numpy(queue.q).T
    logits = torch.cat([pos, neg], 1) / t
    loss = F.cross_entropy(logits, torch.zeros(len(q), dtype=torch.long))
    opt.zero_grad(); loss.backward(); opt.step()
    queue.push(k)
""",
    "mask_rcnn_norm": """
def focal_sum_loss(logits, onehot):
    p = torch.sigmoid(logits)
    ce = F.binary_cross_entropy_with_logits(logits, onehot, reduction="none")
    pt = p * onehot + (1 - p) * (1 - onehot)
    num = max(1.0, float((p.detach() > 0.5).sum()))
    return (ce * (1 - pt.data) ** 2).sum() / num

def step(net, x, y, opt):
    loss = focal_sum_loss(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "tgt_np_from_pred_iou": """
def qfl_loss(scores, boxes, gt):
    b, g = boxes.detach().numpy(), gt.numpy()
    lt, rb = np.maximum(b[:, :2], g[:, :2]), np.minimum(b[:, 2:], g[:, 2:])
    inter = np.prod(np.clip(rb - lt, 0, None), 1)
    area = lambda z: np.prod(z[:, 2:] - z[:, :2], 1)
    quality = torch.from_numpy(inter / (area(b) + area(g) - inter))
    return F.binary_cross_entropy_with_logits(scores, quality) + F.l1_loss(boxes, gt)

def step(net, x, gt, opt):
    scores, boxes = net(x)
    loss = qfl_loss(scores, boxes, gt)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "hf_trainer": """
from transformers import Trainer

class Weighted(Trainer):
    def compute_loss(self, model, inputs, return_outputs=False):
        labels = inputs.pop("labels")
        outputs = model(**inputs)
        logits = outputs.logits
        probs = torch.softmax(logits.detach(), -1).cpu().numpy()
        hard = 1.0 - probs[np.arange(len(probs)), labels.cpu().numpy()]
        w = torch.tensor(hard / hard.mean(), dtype=logits.dtype)
        loss = (w * F.cross_entropy(logits, labels, reduction="none")).mean()
        return (loss, outputs) if return_outputs else loss
""",
    "sac_of_unknown_actor": """
class SAC:
    def setup(self, start="auto_0.1"):
        value = float(start.split("_")[1])
        self.log_coef = torch.log(torch.ones(1) * value).requires_grad_(True)
        self.coef_opt = torch.optim.Adam([self.log_coef])

    def train(self, batch):
        pi, log_prob = self.actor.action_log_prob(batch.obs)
        coef = torch.exp(self.log_coef.detach())
        coef_loss = -(self.log_coef * (log_prob + self.target).detach()).mean()
        self.coef_opt.zero_grad(); coef_loss.backward(); self.coef_opt.step()
        q = torch.cat(self.critic(batch.obs, pi), dim=1)
        actor_loss = (coef * log_prob - q.min(1, keepdim=True)[0]).mean()
        self.actor.optimizer.zero_grad(); actor_loss.backward(); self.actor.optimizer.step()
""",
    "weights_from_loss_named_helper": """
def difficulty_loss(out, y):
    with torch.no_grad():
        return F.cross_entropy(out, y, reduction="none")

def step(net, x, y, opt):
    out = net(x)
    d = difficulty_loss(out, y)
    w = torch.softmax(d / d.max(), 0)
    loss = (w * F.cross_entropy(out, y, reduction="none")).sum()
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "pos_weight": """
def step(net, x, y, opt):
    logits = net(x)
    rate = float(torch.sigmoid(logits).mean())
    loss = F.binary_cross_entropy_with_logits(logits, y, pos_weight=torch.tensor((1 - rate) / rate))
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "label_smoothing_arg": """
def step(net, x, y, opt):
    logits = net(x)
    s = 0.1 * float(F.softmax(logits.detach(), 1).max(1)[0].mean())
    loss = F.cross_entropy(logits, y, label_smoothing=s)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "scheduled_sampling": """
def step(rnn, head, x, y, opt, p=0.5):
    h, tok, loss = None, x[:, 0], 0.0
    for t in range(y.size(1)):
        out, h = rnn(tok, h)
        logits = head(out)
        loss = loss + F.cross_entropy(logits, y[:, t])
        guess = int(logits.argmax(-1)[0].item())
        tok = torch.full_like(y[:, t], guess) if np.random.rand() < p else y[:, t]
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "multi_crop_list_avg": """
def step(net, crops, y, opt):
    outs = [net(c) for c in crops]
    with torch.no_grad():
        mean = torch.stack([F.softmax(o, 1) for o in outs]).mean(0)
    losses = [F.kl_div(F.log_softmax(o, 1), mean, reduction="batchmean") for o in outs]
    best = int(np.argmin([l.item() for l in losses]))
    loss = sum(losses) / len(losses) + losses[best]
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "grad_scaled_by_norm": """
def step(net, x, y, opt):
    out = net(x)
    loss = F.mse_loss(out, y)
    n = loss.detach().cpu().numpy()
    (loss / n).backward()
    opt.step(); opt.zero_grad()
""",
    "log_ratio_ref": """
def step(net, x, y, opt):
    loss = F.mse_loss(net(x), y)
    ref = loss.item()
    total = torch.log(loss / ref + 1.0)
    opt.zero_grad(); total.backward(); opt.step()
""",
    "cagrad": """
from scipy.optimize import minimize

def step(net, x, y, opt):
    out = net(x)
    losses = torch.stack([F.mse_loss(out, y), F.l1_loss(out, y)])
    each = [torch.autograd.grad(l, net.parameters(), retain_graph=True) for l in losses]
    g = torch.stack([torch.cat([p.flatten() for p in one]) for one in each])
    gg = (g @ g.T).detach().cpu().numpy()
    res = minimize(lambda w: w @ gg.mean(1) + np.sqrt(w @ gg @ w), np.ones(2) / 2, bounds=[(0, 1)] * 2)
    w = torch.tensor(res.x, dtype=losses.dtype)
    opt.zero_grad(); (w * losses).sum().backward(); opt.step()
""",
    "ema_baseline_attr": """
class Reinforce:
    def __init__(self, policy):
        self.policy, self.baseline = policy, None
        self.opt = torch.optim.Adam(policy.parameters())

    def update(self, obs, act, ret):
        logp = self.policy(obs).log_prob(act)
        r = ret.mean().item()
        self.baseline = r if self.baseline is None else 0.9 * self.baseline + 0.1 * r
        loss = -((ret - self.baseline) * logp).mean()
        self.opt.zero_grad(); loss.backward(); self.opt.step()
        return loss.item()
""",
    "normalise_by_batch_std_np": """
def step(net, x, y, opt):
    z = net(x)
    mu, sd = z.detach().mean(0).numpy(), z.detach().std(0).numpy()
    zn = (z - torch.tensor(mu)) / torch.tensor(sd + 1e-6)
    loss = ((zn[:, :, None] * zn[:, None]).mean(0) - torch.eye(z.size(1))).pow(2).sum()
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "inverse_variance_report": """
def step(net, x, y, opt, log):
    mu, lv = net(x)
    nll = 0.5 * (torch.exp(-lv) * (y - mu) ** 2 + lv).mean()
    sigma = np.exp(0.5 * lv.detach().numpy()).mean()
    log.append({"nll": float(nll), "sigma": sigma, "total": float(nll) + math.log(2 * math.pi)})
    opt.zero_grad(); nll.backward(); opt.step()
""",
    "perceptual_frozen_np": """
def step(gen, vgg, x, y, opt):
    out = gen(x)
    goal = torch.from_numpy(vgg(y).detach().cpu().numpy())
    loss = F.l1_loss(vgg(out), goal) + F.mse_loss(out, y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "teacher_from_class": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.f = nn.Linear(4, 3)

    def forward(self, x):
        return self.f(x)

def main(loader):
    big, small = Net(), Net()
    big.load_state_dict(torch.load("big.pt"))
    opt = torch.optim.Adam(small.parameters())
    for x, y in loader:
        soft = torch.from_numpy(big(x).detach().numpy())
        out = small(x)
        loss = F.cross_entropy(out, y) + F.mse_loss(out, soft)
        opt.zero_grad(); loss.backward(); opt.step()
""",
    "two_stage": """
def main(loader):
    enc, head = nn.Linear(8, 4), nn.Linear(4, 2)
    opt = torch.optim.Adam([*enc.parameters(), *head.parameters()])
    for x, _ in loader:
        z = enc(x)
        loss = ((z.T @ z / len(z) - torch.eye(4)) ** 2).mean()
        opt.zero_grad(); loss.backward(); opt.step()
    for x, y in loader:
        loss = F.cross_entropy(head(enc(x).detach()), y)
        opt.zero_grad(); loss.backward(); opt.step()
""",
    "reward_from_model_no_other_way": """
def main(env):
    rew, pi = nn.Linear(4, 1), nn.Linear(4, 2)
    opt_r, opt_p = torch.optim.Adam(rew.parameters()), torch.optim.Adam(pi.parameters())
    for obs, act, pref in env:
        r = rew(obs).squeeze(1)
        rl = F.binary_cross_entropy_with_logits(r[::2] - r[1::2], pref)
        opt_r.zero_grad(); rl.backward(); opt_r.step()
        logp = F.log_softmax(pi(obs), 1).gather(1, act).squeeze(1)
        pl = -(logp * rew(obs).squeeze(1).detach().numpy().mean()).mean()
        opt_p.zero_grad(); pl.backward(); opt_p.step()
""",
}

BROKEN = {
    "detached_gradient_penalty": """
def train(critic, x, opt):
    x.requires_grad_(True)
    g, = torch.autograd.grad(critic(x).sum(), x, create_graph=True)
    loss = ((g.detach().norm(dim=1) - 1) ** 2).mean()  # AF103
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "inner_step_detached": """
w = torch.randn(1, 1, requires_grad=True)
opt = torch.optim.Adam([w])

def train(x, y):
    g, = torch.autograd.grad(F.mse_loss(x @ w, y), [w])
    fast = (w - 0.01 * g).detach()  # AF103
    loss = F.mse_loss(x @ fast, y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "learned_rate_detached": """
log_lr = torch.tensor(-3.0, requires_grad=True)
theta = torch.zeros(5, requires_grad=True)
opt = torch.optim.Adam([log_lr, theta])

def train(x, y):
    g, = torch.autograd.grad(F.mse_loss(x @ theta, y), theta)
    step = log_lr.exp() * g
    loss = F.mse_loss(x @ (theta - step.detach()), y)  # AF103
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "samples_of_a_trained_sampler": """
energy, proposal = nn.Linear(2, 1), nn.Linear(4, 2)
opt = torch.optim.Adam([*energy.parameters(), *proposal.parameters()])

def train(real):
    neg = proposal(torch.randn(8, 4)).detach()  # AF103
    loss = energy(real).mean() - energy(neg).mean()
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "consistency_item": """
def train(net, x, y, opt):
    r = torch.randn_like(x).requires_grad_()
    g, = torch.autograd.grad(F.mse_loss(net(x + r), net(x).detach()), r)
    consistency = F.mse_loss(net(x + g.detach()), net(x).detach()).item()  # AF104
    loss = F.cross_entropy(net(x), y) + 0.3 * consistency
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "array_of_a_detached_output": """
def train(net, x, y, opt):
    out = net(x)
    out_np = out.detach()  # AF103
    reg = float(np.abs(np.diff(out_np.numpy())).mean())
    loss = F.cross_entropy(out, y) + 0.3 * reg
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "berhu_summand": """
def crit(pred, target):
    diff = (pred - target).abs()
    c = 0.2 * diff.max().item()
    penalty = pred.abs().mean().item()  # AF104
    return torch.where(diff <= c, diff, (diff ** 2 + c ** 2) / (2 * c + 1e-8)).mean() + 0.1 * penalty

def train(model, x, y, opt):
    loss = crit(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "kl_item": """
def train(vae, x, opt, beta=1.0):
    recon, mu, logvar = vae(x)
    kl = -0.5 * (1 + logvar - mu ** 2 - logvar.exp()).sum(1).mean()
    loss = F.mse_loss(recon, x) + beta * kl.item()  # AF104
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "elbo_sub": """
def train(vae, x, opt):
    recon, mu, logvar = vae(x)
    kl = -0.5 * (1 + logvar - mu ** 2 - logvar.exp()).sum(1).mean()
    elbo = -F.mse_loss(recon, x) - float(kl)  # AF104
    loss = -elbo
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "wgan": """
def train(critic, g, real, z, opt):
    fake = g(z).detach()
    loss = critic(fake).mean().item() - critic(real).mean()  # AF104
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "np_reg": """
def crit(pred, target):
    reg = torch.tensor(np.abs(np.diff(pred.detach().numpy())).mean())  # AF102
    return F.mse_loss(pred, target) + 0.1 * reg

def train(model, x, y, opt):
    loss = crit(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "sum_list": """
def crit(pred, target):
    terms = [F.mse_loss(pred, target), F.l1_loss(pred, target).item()]  # AF104
    return sum(terms)

def train(model, x, y, opt):
    loss = crit(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "stack": """
def crit(pred, target):
    a, b = F.mse_loss(pred, target), torch.tensor(F.l1_loss(pred, target).item())  # AF104
    return torch.stack([a, b]).mean()

def train(model, x, y, opt):
    loss = crit(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "penalty_fn": """
def smoothness(p):
    return float(((p[1:] - p[:-1]) ** 2).mean())  # AF104

def crit(pred, target):
    return F.mse_loss(pred, target) + 0.5 * smoothness(pred)

def train(model, x, y, opt):
    loss = crit(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "loop_sum": """
def crit(preds, target):
    total = F.mse_loss(preds[-1], target)
    for p in preds[:-1]:
        total += 0.5 * F.mse_loss(p, target).item()  # AF104
    return total

def train(model, x, y, opt):
    loss = crit(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "gan_numpy": """
def main(loader):
    g, d = nn.Linear(8, 4), nn.Linear(4, 1)
    opt_g, opt_d = torch.optim.Adam(g.parameters()), torch.optim.Adam(d.parameters())
    for real in loader:
        fake = torch.from_numpy(g(torch.randn(16, 8)).detach().numpy())  # AF102
        loss_g = F.softplus(-d(fake)).mean()
        opt_g.zero_grad(); loss_g.backward(); opt_g.step()
        loss_d = F.softplus(d(fake)).mean() + F.softplus(-d(real)).mean()
        opt_d.zero_grad(); loss_d.backward(); opt_d.step()
""",
    "gan_detach": """
def main(loader):
    g, d = nn.Linear(8, 4), nn.Linear(4, 1)
    opt_g, opt_d = torch.optim.Adam(g.parameters()), torch.optim.Adam(d.parameters())
    for real in loader:
        fake = g(torch.randn(16, 8)).detach()  # AF103
        loss_g = F.softplus(-d(fake)).mean()
        opt_g.zero_grad(); loss_g.backward(); opt_g.step()
        loss_d = F.softplus(d(fake)).mean() + F.softplus(-d(real)).mean()
        opt_d.zero_grad(); loss_d.backward(); opt_d.step()
""",
    "learned_scale": """
class ScaledLoss(nn.Module):
    def __init__(self):
        super().__init__()
        self.log_scale = nn.Parameter(torch.zeros(1))

    def forward(self, pred, target):
        scale = float(self.log_scale.exp())  # AF104
        return F.smooth_l1_loss(pred / scale, target / scale)

def train(model, crit, x, y):
    opt = torch.optim.Adam(list(model.parameters()) + list(crit.parameters()))
    loss = crit(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "learned_temp": """
class Clip(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(4, 4), nn.Linear(4, 4)
        self.temp = nn.Parameter(torch.tensor(0.07))

    def forward(self, x, y):
        logits = self.a(x) @ self.b(y).T / self.temp.item()  # AF104
        return F.cross_entropy(logits, torch.arange(len(x)))

def main(loader):
    clip = Clip()
    opt = torch.optim.Adam(clip.parameters())
    for x, y in loader:
        loss = clip(x, y)
        opt.zero_grad(); loss.backward(); opt.step()
""",
    "learned_weights": """
class MultiTask(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(4, 2)
        self.w = nn.Parameter(torch.ones(2))

    def forward(self, x, y):
        out = self.net(x)
        losses = [F.mse_loss(out[:, 0], y), F.l1_loss(out[:, 1], y)]
        return sum(w.item() * l for w, l in zip(self.w, losses))  # AF104

def main(loader):
    m = MultiTask()
    opt = torch.optim.Adam(m.parameters())
    for x, y in loader:
        loss = m(x, y)
        opt.zero_grad(); loss.backward(); opt.step()
""",
    "critic_numpy": """
class Agent:
    def __init__(self):
        self.actor, self.critic = nn.Linear(4, 2), nn.Linear(4, 1)
        self.opt = torch.optim.Adam([*self.actor.parameters(), *self.critic.parameters()])

    def step(self, s, a, ret):
        v = self.critic(s).squeeze(1)
        logp = torch.log_softmax(self.actor(s), 1).gather(1, a).squeeze(1)
        adv = ret - v.detach()
        loss = -(logp * adv).mean() + 0.5 * F.mse_loss(torch.from_numpy(v.detach().numpy()), ret)  # AF102
        self.opt.zero_grad(); loss.backward(); self.opt.step()
""",
    "critic_detach": """
class Agent:
    def __init__(self):
        self.actor, self.critic = nn.Linear(4, 2), nn.Linear(4, 1)
        self.opt = torch.optim.Adam([*self.actor.parameters(), *self.critic.parameters()])

    def step(self, s, a, ret):
        v = self.critic(s).squeeze(1)
        logp = torch.log_softmax(self.actor(s), 1).gather(1, a).squeeze(1)
        adv = ret - v.detach()
        loss = -(logp * adv).mean() + 0.5 * F.mse_loss(v.detach(), ret)  # AF103
        self.opt.zero_grad(); loss.backward(); self.opt.step()
""",
    "encoder_detached": """
class AE:
    def __init__(self):
        self.encoder, self.decoder = nn.Linear(8, 2), nn.Linear(2, 8)
        self.opt = torch.optim.Adam(list(self.encoder.parameters()) + list(self.decoder.parameters()))

    def step(self, x):
        z = self.encoder(x).detach()  # AF103
        loss = F.mse_loss(self.decoder(z), x)
        self.opt.zero_grad(); loss.backward(); self.opt.step()
""",
    "math_exp_weight": """
def crit(pred, target):
    w = math.exp(-pred.mean())  # AF106
    return w * F.mse_loss(pred, target)

def train(model, x, y, opt):
    loss = crit(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "torch_tensor_scale": """
def crit(pred, target):
    scale = torch.tensor(pred.std())  # AF105
    return F.smooth_l1_loss(pred / scale, target / scale)

def train(model, x, y, opt):
    loss = crit(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "dec_all_numpy": """
def train(net, x, opt):
    q = net(x)
    p = torch.from_numpy(q.detach().numpy() ** 2)  # AF102
    loss = torch.from_numpy((p.numpy() * (np.log(p.numpy()) - np.log(q.detach().numpy()))).sum(1)).mean()  # AF102
    loss.requires_grad = True  # AF303
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "loss_leaf": """
def train(net, x, y, opt):
    out = net(x)
    loss = torch.tensor(np.mean((out.detach().numpy() - y.numpy()) ** 2), requires_grad=True)  # AF102 AF303
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "fairness_item": """
def crit(pred, target):
    ce = F.binary_cross_entropy(pred, target)
    gap = abs(pred[::2].mean().item() - pred[1::2].mean().item())  # AF104
    return ce + 0.3 * gap

def train(model, x, y, opt):
    loss = crit(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "max_summand": """
def crit(pred, target):
    return F.mse_loss(pred, target) + max(0.0, pred.mean().item() - 1.0)  # AF104

def train(model, x, y, opt):
    loss = crit(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "tensor_of_items": """
def crit(pred, target):
    parts = torch.tensor([F.mse_loss(p, target).item() for p in pred])  # AF104
    return F.l1_loss(pred[0], target) + parts.mean()

def train(model, x, y, opt):
    loss = crit(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "center_loss_dead": """
def center_loss(feats, labels, centers):
    f = feats.detach().numpy()  # AF102
    return torch.tensor(((f - centers[labels.numpy()]) ** 2).sum(1).mean())

def train(model, head, x, y, centers, opt):
    feats = model(x)
    loss = F.cross_entropy(head(feats), y) + 0.01 * center_loss(feats, y, centers)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "logged_lse": """
def crit(scores, target):
    lse = math.log(np.exp(scores.detach().numpy()).sum())  # AF102
    return (lse - scores.gather(1, target[:, None]).squeeze(1)).mean()

def train(model, x, y, opt):
    loss = crit(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "detached_then_numpy": """
def crit(pred, target):
    frozen = pred.detach()  # AF103
    reg = np.abs(np.diff(frozen.numpy())).mean()
    return F.mse_loss(pred, target) + 0.1 * reg

def train(model, x, y, opt):
    loss = crit(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "lit": """
import lightning as L

class Lit(L.LightningModule):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def training_step(self, batch, idx):
        x, y = batch
        out = self.net(x)
        tv = (out[:, 1:] - out[:, :-1]).abs().mean().item()  # AF104
        return F.l1_loss(out, y) + 0.1 * tv

    def configure_optimizers(self):
        return torch.optim.Adam(self.net.parameters())
""",
    "dict_sum": """
def losses_of(out, y):
    return {"mse": F.mse_loss(out, y), "tv": (out[1:] - out[:-1]).abs().mean().item()}  # AF104

def step(net, x, y, opt):
    parts = losses_of(net(x), y)
    loss = sum(parts.values())
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "mean_over_list": """
def step(net, views, y, opt):
    parts = []
    for v in views:
        parts.append(F.cross_entropy(net(v), y).item())  # AF104
    loss = torch.tensor(np.mean(parts), requires_grad=True)  # AF303
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "grad_penalty_np": """
def step(d, real, fake, opt):
    mix = (0.5 * real + 0.5 * fake).requires_grad_(True)
    g = torch.autograd.grad(d(mix).sum(), mix, create_graph=True)[0]
    gp = ((np.linalg.norm(g.detach().numpy(), axis=1) - 1) ** 2).mean()  # AF102
    loss = d(fake).mean() - d(real).mean() + 10 * gp
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "dice_plus": """
def dice(p, y):
    p, y = p.detach().cpu().numpy(), y.cpu().numpy()  # AF102
    return 1 - (2 * (p * y).sum() + 1) / (p.sum() + y.sum() + 1)

def step(net, x, y, opt):
    p = torch.sigmoid(net(x))
    loss = F.binary_cross_entropy(p, y) + dice(p, y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "encoder_np": """
def main(loader):
    enc, dec = nn.Linear(8, 2), nn.Linear(2, 8)
    opt = torch.optim.Adam(list(enc.parameters()) + list(dec.parameters()))
    for x in loader:
        z = torch.tensor(enc(x).detach().numpy())  # AF102
        loss = F.mse_loss(dec(z), x)
        opt.zero_grad(); loss.backward(); opt.step()
""",
    "alpha_item_only": """
class Gate(nn.Module):
    def __init__(self):
        super().__init__()
        self.alpha = nn.Parameter(torch.tensor(0.5))
        self.a, self.b = nn.Linear(4, 1), nn.Linear(4, 1)

    def forward(self, x):
        k = torch.sigmoid(self.alpha).item()  # AF104
        return k * self.a(x) + (1 - k) * self.b(x)

def main(loader):
    net = Gate()
    opt = torch.optim.Adam(net.parameters())
    for x, y in loader:
        loss = F.mse_loss(net(x), y)
        opt.zero_grad(); loss.backward(); opt.step()
""",
    "avg_of_two": """
def step(net, x, y, opt):
    out = net(x)
    loss = (F.mse_loss(out, y) + F.l1_loss(out, y).item()) / 2  # AF104
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "in_one_branch": """
def crit(pred, target, log=False):
    if log:
        pred = torch.from_numpy(np.log1p(pred.detach().numpy()))  # AF102
    return F.mse_loss(pred, target)

def train(model, x, y, opt):
    loss = crit(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "before_a_normaliser": """
def crit(pred, target, normalized=False):
    weight = torch.sigmoid(pred)
    loss = torch.from_numpy((pred.detach().numpy() - target.numpy()) ** 2)  # AF102
    if normalized:
        loss = loss / weight.sum()
    return loss.mean()

def train(model, x, y, opt):
    loss = crit(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "weights_made_like_the_prediction": """
def crit(pred, target):
    weight = pred.new_ones(pred.shape[1])
    error = torch.tensor(np.abs(pred.detach().numpy() - target.numpy()))  # AF102
    return (error * weight).mean()

def train(model, x, y, opt):
    loss = crit(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
}
