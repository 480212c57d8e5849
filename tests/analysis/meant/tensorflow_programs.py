"""Training steps in TensorFlow and Keras: a part of the loss is held constant on purpose, or something never trains.

In the broken ones `# AF104` stands in each line where that is found.
"""

from __future__ import annotations

HEAD = """\
import math
import numpy as np
import tensorflow as tf
from tensorflow import keras
"""

RIGHT = {
    "berhu": """
def crit(y_true, y_pred):
    diff = tf.abs(y_true - y_pred)
    c = 0.2 * float(tf.reduce_max(diff))
    return tf.reduce_mean(tf.where(diff <= c, diff, (diff ** 2 + c ** 2) / (2 * c)))

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "normaliser": """
def crit(y_true, y_pred):
    scale = float(np.std(y_pred.numpy())) + 1e-6
    return tf.reduce_mean(tf.abs(y_true / scale - y_pred / scale))

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "dec": """
def sharpen(q):
    w = q ** 2 / q.sum(0)
    return (w.T / w.sum(1)).T

def train(model, x, opt):
    with tf.GradientTape() as tape:
        q = model(x)
        p = tf.constant(sharpen(q.numpy()))
        loss = tf.reduce_mean(tf.reduce_sum(p * (tf.math.log(p) - tf.math.log(q)), 1))
    opt.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
""",
    "dec_kld": """
def sharpen(q):
    w = q ** 2 / q.sum(0)
    return (w.T / w.sum(1)).T

kld = keras.losses.KLDivergence()

def train(model, x, opt):
    with tf.GradientTape() as tape:
        q = model(x)
        loss = kld(sharpen(q.numpy()), q)
    opt.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
""",
    "cap": """
def crit(y_true, y_pred):
    err = tf.square(y_true - y_pred)
    cap = np.percentile(err.numpy(), 95)
    return tf.reduce_mean(tf.clip_by_value(err, 0.0, cap))

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "cap_minimum": """
def crit(y_true, y_pred):
    err = tf.square(y_true - y_pred)
    return tf.reduce_mean(tf.minimum(err, float(np.percentile(err.numpy(), 90))))

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "huber": """
def crit(y_true, y_pred):
    delta = float(np.quantile(np.abs((y_true - y_pred).numpy()), 0.9))
    return keras.losses.Huber(delta=delta)(y_true, y_pred)

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "huber_hand": """
def crit(y_true, y_pred):
    r = tf.abs(y_true - y_pred)
    delta = np.median(r.numpy())
    q = tf.minimum(r, delta)
    return tf.reduce_mean(0.5 * q ** 2 + delta * (r - q))

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "mean_sub": """
def crit(y_true, y_pred):
    centered = y_pred - tf.reduce_mean(y_pred).numpy()
    return -tf.reduce_mean(centered * (y_true - tf.reduce_mean(y_true)))

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "center_by_hand": """
CENTERS = np.zeros((10, 4), np.float32)

def center_loss(y_true, feats):
    l = y_true.numpy().astype(int)
    f = feats.numpy()
    for k in np.unique(l):
        CENTERS[k] += 0.5 * (f[l == k].mean(0) - CENTERS[k])
    return tf.reduce_mean(tf.reduce_sum((feats - CENTERS[l]) ** 2, 1))

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = center_loss(y, model(x))
    opt.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
""",
    "center_variable": """
class CenterLoss(keras.losses.Loss):
    def __init__(self, n, d):
        super().__init__()
        self.centers = tf.Variable(tf.zeros((n, d)), trainable=False)

    def call(self, y_true, y_pred):
        labels = tf.cast(tf.reshape(y_true, [-1]), tf.int32)
        centers = tf.gather(self.centers, labels)
        self.centers.scatter_nd_sub(labels[:, None], 0.5 * (centers - tf.stop_gradient(y_pred)))
        return tf.reduce_sum(tf.square(y_pred - centers), 1)

def build(model):
    model.compile("adam", loss=CenterLoss(10, 4))
""",
    "loss_scale": """
class LossScale:
    def __init__(self, loss_scale):
        self._current_loss_scale = self._add_weight(name="scale", initial_value=float(loss_scale))

    def _add_weight(self, name, initial_value):
        variable = tf.Variable(initial_value, name=name, trainable=False)
        return variable

    def __call__(self):
        return tf.convert_to_tensor(self._current_loss_scale)

    def update(self, grads):
        finite = tf.reduce_all([tf.reduce_all(tf.math.is_finite(g)) for g in grads])
        if finite:
            self._current_loss_scale.assign(self._current_loss_scale * 2.0)
        return finite
""",
    "dynamic_loss_scale": """
class DynamicLossScale(tf.Module):
    def __init__(self, initial=2.0 ** 15, period=2000):
        self.scale = tf.Variable(initial, trainable=False, dtype=tf.float32)
        self.good = tf.Variable(0, trainable=False)
        self.period = period

    def scaled(self, loss):
        return loss * self.scale

def train(model, scaler, x, y, opt):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(x) - y))
        scaled = scaler.scaled(loss)
    grads = [g / scaler.scale for g in tape.gradient(scaled, model.trainable_variables)]
    norm = tf.linalg.global_norm(grads).numpy()
    if math.isfinite(norm):
        opt.apply_gradients(zip(grads, model.trainable_variables))
    else:
        scaler.scale.assign(scaler.scale / 2)
""",
    "ema_loss_state": """
class EmaLoss(keras.losses.Loss):
    def __init__(self):
        super().__init__()
        self.scale = self.make(1.0)

    def make(self, value):
        return tf.Variable(value, trainable=False)

    def call(self, y_true, y_pred):
        err = tf.reduce_mean(tf.square(y_true - y_pred), -1)
        self.scale.assign(0.99 * self.scale + 0.01 * tf.stop_gradient(tf.reduce_mean(err)))
        return err / self.scale

def build(model):
    model.compile("adam", loss=EmaLoss())
""",
    "balance": """
def train(model, x, y, z, opt):
    with tf.GradientTape() as tape:
        a, b = model(x)
        la, lb = tf.reduce_mean(tf.square(a - y)), tf.reduce_mean(tf.abs(b - z))
        loss = la + (la.numpy() / (lb.numpy() + 1e-8)) * lb
    opt.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
""",
    "softadapt": """
class SoftAdapt:
    def __init__(self, n):
        self.previous = np.ones(n)

    def __call__(self, losses):
        now = np.array([float(l) for l in losses])
        rate = now - self.previous
        self.previous = now
        w = np.exp(rate - rate.max())
        w = w / w.sum()
        return tf.add_n([wi * l for wi, l in zip(w, losses)])

def train(model, adapt, x, y, opt):
    with tf.GradientTape() as tape:
        out = model(x)
        loss = adapt([tf.reduce_mean(tf.square(out - y)), tf.reduce_mean(tf.abs(out - y))])
    opt.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
""",
    "ohem": """
def crit(y_true, y_pred):
    ce = keras.losses.binary_crossentropy(y_true, y_pred)
    threshold = np.sort(ce.numpy())[-8]
    mask = tf.cast(ce >= threshold, tf.float32)
    return tf.reduce_sum(ce * mask) / tf.reduce_sum(mask)

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "topk_index": """
def crit(y_true, y_pred):
    ce = keras.losses.binary_crossentropy(y_true, y_pred)
    hard = np.argsort(ce.numpy())[-8:]
    return tf.reduce_mean(tf.gather(ce, hard))

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "swav": """
def sinkhorn(scores, eps=0.05):
    q = tf.exp(scores / eps)
    for _ in range(3):
        q = q / tf.reduce_sum(q, 0, keepdims=True)
        q = q / tf.reduce_sum(q, 1, keepdims=True)
    return tf.stop_gradient(q)

def train(model, a, b, opt):
    with tf.GradientTape() as tape:
        s, t = model(a), model(b)
        loss = -tf.reduce_mean(tf.reduce_sum(sinkhorn(s) * tf.nn.log_softmax(t / 0.1), 1))
        loss -= tf.reduce_mean(tf.reduce_sum(sinkhorn(t) * tf.nn.log_softmax(s / 0.1), 1))
    opt.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
""",
    "sinkhorn_np": """
def plan(cost, eps=0.1):
    k = np.exp(-cost / eps)
    u = np.ones(len(k)) / len(k)
    for _ in range(30):
        v = 1.0 / (k.T @ u)
        u = 1.0 / (k @ v)
    return (u[:, None] * k * v[None]).astype("float32")

def crit(y_true, y_pred):
    cost = tf.reduce_sum(tf.square(y_true[:, None] - y_pred[None]), -1)
    return tf.reduce_sum(plan(cost.numpy()) * cost)

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "reinforce": """
def train(policy, states, actions, rewards, opt):
    with tf.GradientTape() as tape:
        logits, value = policy(states)
        adv = rewards - value.numpy()
        adv = (adv - adv.mean()) / (adv.std() + 1e-8)
        logp = tf.reduce_sum(tf.one_hot(actions, 4) * tf.nn.log_softmax(logits), 1)
        loss = -tf.reduce_mean(logp * adv) + 0.5 * tf.reduce_mean(tf.square(rewards - value))
    opt.apply_gradients(zip(tape.gradient(loss, policy.trainable_variables), policy.trainable_variables))
""",
    "actor_critic_two": """
class A2C:
    def __init__(self):
        self.actor = keras.Sequential([keras.layers.Dense(2)])
        self.critic = keras.Sequential([keras.layers.Dense(1)])
        self.a_opt, self.c_opt = keras.optimizers.Adam(), keras.optimizers.Adam()

    def update(self, s, a, ret):
        with tf.GradientTape() as tape:
            v = tf.squeeze(self.critic(s), 1)
            c_loss = tf.reduce_mean(tf.square(ret - v))
        v = self.critic.trainable_variables
        self.c_opt.apply_gradients(zip(tape.gradient(c_loss, v), v))
        with tf.GradientTape() as tape:
            adv = ret - tf.squeeze(self.critic(s), 1).numpy()
            logp = tf.gather(tf.nn.log_softmax(self.actor(s)), a, axis=1, batch_dims=1)
            a_loss = -tf.reduce_mean(logp * adv)
        v = self.actor.trainable_variables
        self.a_opt.apply_gradients(zip(tape.gradient(a_loss, v), v))
        return float(a_loss), float(c_loss)
""",
    "sac": """
class SAC:
    def __init__(self, actor, critic):
        self.actor, self.critic = actor, critic
        self.log_alpha = tf.Variable(0.0)
        self.opt = keras.optimizers.Adam()
        self.alpha_opt = keras.optimizers.Adam()

    def update(self, s):
        alpha = float(tf.exp(self.log_alpha))
        with tf.GradientTape() as tape:
            a, logp = self.actor(s)
            loss = tf.reduce_mean(alpha * logp - self.critic([s, a]))
        v = self.actor.trainable_variables
        self.opt.apply_gradients(zip(tape.gradient(loss, v), v))
        with tf.GradientTape() as tape:
            alpha_loss = -tf.reduce_mean(self.log_alpha * tf.stop_gradient(logp - 4.0))
        self.alpha_opt.apply_gradients([(tape.gradient(alpha_loss, self.log_alpha), self.log_alpha)])
""",
    "ppo": """
def train(policy, batch, opt, clip=0.2, target_kl=0.01):
    s, a, adv, old = batch
    for _ in range(10):
        with tf.GradientTape() as tape:
            logp = policy(s).log_prob(a)
            ratio = tf.exp(logp - old)
            loss = -tf.reduce_mean(tf.minimum(ratio * adv, tf.clip_by_value(ratio, 1 - clip, 1 + clip) * adv))
        opt.apply_gradients(zip(tape.gradient(loss, policy.trainable_variables), policy.trainable_variables))
        kl = np.mean(old - policy(s).log_prob(a).numpy())
        if kl > 1.5 * target_kl:
            break
""",
    "is_weights": """
def train(policy, s, a, mu, ret, opt):
    with tf.GradientTape() as tape:
        logp = tf.gather(tf.nn.log_softmax(policy(s)), a, axis=1, batch_dims=1)
        rho = np.minimum(np.exp(logp.numpy() - mu), 1.0)
        loss = -tf.reduce_mean(rho * logp * ret)
    opt.apply_gradients(zip(tape.gradient(loss, policy.trainable_variables), policy.trainable_variables))
""",
    "dqn_priorities": """
class Agent:
    def __init__(self, q, target, memory):
        self.q, self.target, self.memory = q, target, memory
        self.opt = keras.optimizers.Adam()

    def learn(self):
        s, a, r, s2, idx, w = self.memory.sample()
        goal = r + 0.99 * np.max(self.target(s2).numpy(), axis=1)
        with tf.GradientTape() as tape:
            q = tf.reduce_sum(self.q(s) * tf.one_hot(a, 2), 1)
            td = goal - q
            loss = tf.reduce_mean(w * tf.square(td))
        self.opt.apply_gradients(zip(tape.gradient(loss, self.q.trainable_variables), self.q.trainable_variables))
        self.memory.update(idx, np.abs(td.numpy()) + 1e-6)
""",
    "focal_const": """
def crit(y_true, y_pred):
    ce = keras.losses.sparse_categorical_crossentropy(y_true, y_pred)
    weight = (1.0 - np.exp(-ce.numpy())) ** 2
    return tf.reduce_mean(weight * ce)

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "distill": """
class Distiller(keras.Model):
    def __init__(self, student, teacher):
        super().__init__()
        self.student, self.teacher = student, teacher

    def train_step(self, batch):
        x, y = batch
        soft = tf.nn.softmax(self.teacher(x, training=False) / 4.0)
        with tf.GradientTape() as tape:
            out = self.student(x, training=True)
            loss = self.compiled_loss(y, out) + keras.losses.kl_divergence(soft, tf.nn.softmax(out / 4.0))
        v = self.student.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, v), v))
        return {"loss": loss}
""",
    "mean_teacher": """
def train(student, teacher, x, y, u, opt, m=0.99):
    with tf.GradientTape() as tape:
        sup = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, student(x)))
        cons = tf.reduce_mean(tf.square(student(u) - teacher(u).numpy()))
        loss = sup + cons
    opt.apply_gradients(zip(tape.gradient(loss, student.trainable_variables), student.trainable_variables))
    teacher.set_weights([m * t + (1 - m) * s for t, s in zip(teacher.get_weights(), student.get_weights())])
""",
    "vq": """
class VQ(keras.layers.Layer):
    def __init__(self, k, d):
        super().__init__()
        self.codes = tf.Variable(tf.random.normal((k, d)), trainable=False)

    def call(self, z):
        d = tf.reduce_sum((z[:, None] - self.codes[None]) ** 2, -1)
        idx = tf.argmin(d, 1)
        q = tf.gather(self.codes, idx)
        self.add_loss(0.25 * tf.reduce_mean((tf.stop_gradient(q) - z) ** 2))
        one = tf.one_hot(idx, len(self.codes))
        means = tf.matmul(one, z, transpose_a=True) / (tf.reduce_sum(one, 0)[:, None] + 1e-5)
        self.codes.assign(0.99 * self.codes + 0.01 * means)
        return z + tf.stop_gradient(q - z)

def train(enc, vq, dec, x, opt):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(dec(vq(enc(x))) - x)) + sum(vq.losses)
    v = enc.trainable_variables + dec.trainable_variables
    opt.apply_gradients(zip(tape.gradient(loss, v), v))
""",
    "gumbel": """
def sample(logits, tau):
    y = tf.nn.softmax((logits - tf.math.log(-tf.math.log(tf.random.uniform(tf.shape(logits))))) / tau)
    hard = tf.one_hot(tf.argmax(y, -1), y.shape[-1])
    return y + tf.stop_gradient(hard - y)

def train(enc, dec, x, opt, step):
    tau = max(0.5, math.exp(-1e-4 * step))
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(dec(sample(enc(x), tau)) - x))
    v = enc.trainable_variables + dec.trainable_variables
    opt.apply_gradients(zip(tape.gradient(loss, v), v))
""",
    "fake_quant": """
class QDense(keras.layers.Dense):
    def call(self, x):
        scale = tf.reduce_max(tf.abs(self.kernel)).numpy() / 7.0
        q = np.round(self.kernel.numpy() / scale) * scale
        kernel = self.kernel + tf.stop_gradient(q - self.kernel)
        return tf.matmul(x, kernel) + self.bias

def train(x, y):
    layer, opt = QDense(1), keras.optimizers.Adam()
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(layer(x) - y))
    opt.apply_gradients(zip(tape.gradient(loss, layer.trainable_variables), layer.trainable_variables))
""",
    "gan": """
class GAN:
    def __init__(self, g, d):
        self.g, self.d = g, d
        self.g_opt, self.d_opt = keras.optimizers.Adam(), keras.optimizers.Adam()

    def step(self, real, z):
        fake = self.g(z).numpy()
        with tf.GradientTape() as tape:
            d_loss = tf.reduce_mean(tf.nn.softplus(-self.d(real)) + tf.nn.softplus(self.d(fake)))
        self.d_opt.apply_gradients(zip(tape.gradient(d_loss, self.d.trainable_variables), self.d.trainable_variables))
        with tf.GradientTape() as tape:
            g_loss = tf.reduce_mean(tf.nn.softplus(-self.d(self.g(z))))
        self.g_opt.apply_gradients(zip(tape.gradient(g_loss, self.g.trainable_variables), self.g.trainable_variables))
        return d_loss.numpy(), g_loss.numpy()
""",
    "gp": """
def critic_step(d, real, fake, opt):
    fake = fake.numpy()
    eps = np.random.uniform(size=(len(fake), 1)).astype("float32")
    mixed = tf.constant(eps * real.numpy() + (1 - eps) * fake)
    with tf.GradientTape() as tape:
        with tf.GradientTape() as inner:
            inner.watch(mixed)
            out = d(mixed)
        g = inner.gradient(out, mixed)
        penalty = tf.reduce_mean((tf.norm(g, axis=1) - 1.0) ** 2)
        loss = tf.reduce_mean(d(fake)) - tf.reduce_mean(d(real)) + 10.0 * penalty
    opt.apply_gradients(zip(tape.gradient(loss, d.trainable_variables), d.trainable_variables))
""",
    "adversarial": """
def attack(model, x, y, eps=0.1):
    start = model(x).numpy()
    adv = tf.Variable(np.clip(x + 0.01 * start, 0, 1))
    for _ in range(5):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, model(adv)))
        adv.assign_add(eps * tf.sign(tape.gradient(loss, adv)))
    return adv.numpy()
""",
    "style": """
def transfer(vgg, content, style, steps=20):
    image = tf.Variable(vgg(content).numpy())
    opt = keras.optimizers.Adam(0.02)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((vgg(image) - style) ** 2) + 30 * tf.image.total_variation(image)
        opt.apply_gradients([(tape.gradient(loss, image), image)])
        image.assign(tf.clip_by_value(image, 0.0, 1.0))
    return image
""",
    "latent_opt": """
def project(g, encoder, target):
    z = tf.Variable(encoder(target).numpy())
    opt = keras.optimizers.Adam(0.1)
    for _ in range(100):
        opt.minimize(lambda: tf.reduce_mean((g(z) - target) ** 2), [z])
    return z
""",
    "pinn": """
class Pinn:
    def __init__(self, net):
        self.net, self.opt, self.lam = net, keras.optimizers.Adam(), 1.0

    def step(self, x, xb, ub):
        with tf.GradientTape(persistent=True) as tape:
            with tf.GradientTape() as inner:
                inner.watch(x)
                u = self.net(x)
            ux = inner.gradient(u, x)
            residual = tf.reduce_mean((ux - u) ** 2)
            boundary = tf.reduce_mean((self.net(xb) - ub) ** 2)
            loss = residual + self.lam * boundary
        v = self.net.trainable_variables
        gr, gb = tape.gradient(residual, v), tape.gradient(boundary, v)
        top = max(np.max(np.abs(g.numpy())) for g in gr)
        mean = np.mean([np.mean(np.abs(g.numpy())) for g in gb])
        self.lam = 0.9 * self.lam + 0.1 * top / mean
        self.opt.apply_gradients(zip(tape.gradient(loss, v), v))
""",
    "cox": """
def crit(event, risk):
    r = tf.squeeze(risk)
    shift = np.max(r.numpy())
    lse = tf.math.log(tf.math.cumsum(tf.exp(r - shift))) + shift
    return -tf.reduce_sum((r - lse) * event) / tf.reduce_sum(event)

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "vae_capacity": """
class VAE(keras.Model):
    def __init__(self, enc, dec):
        super().__init__()
        self.enc, self.dec = enc, dec
        self.beta = 1.0

    def train_step(self, x):
        with tf.GradientTape() as tape:
            mu, logvar = self.enc(x)
            z = mu + tf.exp(0.5 * logvar) * tf.random.normal(tf.shape(mu))
            rec = tf.reduce_mean(tf.square(self.dec(z) - x))
            kl = -0.5 * tf.reduce_mean(1 + logvar - mu ** 2 - tf.exp(logvar))
            loss = rec + self.beta * kl
        self.optimizer.apply_gradients(zip(tape.gradient(loss, self.trainable_variables), self.trainable_variables))
        self.beta *= math.exp(0.01 * (float(kl) - 1.0))
        return {"loss": loss, "kl": kl}
""",
    "uncertainty": """
class Weighted(keras.layers.Layer):
    def build(self, shape):
        self.log_var = self.add_weight(shape=(2,), initializer="zeros")

    def call(self, losses):
        a, b = losses
        total = tf.exp(-self.log_var[0]) * a + tf.exp(-self.log_var[1]) * b + tf.reduce_sum(self.log_var)
        tf.print("weights", np.exp(-self.log_var.numpy()))
        return total

def train(model, w, x, y, opt):
    with tf.GradientTape() as tape:
        a, b = model(x)
        loss = w([tf.reduce_mean(tf.square(a - y)), tf.reduce_mean(tf.abs(b - y))])
    v = model.trainable_variables + w.trainable_variables
    opt.apply_gradients(zip(tape.gradient(loss, v), v))
""",
    "mmd": """
def crit(a, b):
    d = tf.reduce_sum((a[:, None] - b[None]) ** 2, -1)
    sigma = float(np.median(d.numpy())) + 1e-6
    return -tf.reduce_mean(tf.exp(-d / sigma))

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "prior_logits": """
def crit(y_true, logits):
    prior = np.mean(tf.nn.softmax(logits).numpy(), 0)
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y_true, logits=logits + np.log(prior)))

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "label_smooth_self": """
def crit(y_true, y_pred):
    soft = 0.9 * y_true + 0.1 * y_pred.numpy()
    return -tf.reduce_mean(tf.reduce_sum(soft * tf.math.log(y_pred), 1))

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "curriculum": """
class SPL:
    def __init__(self):
        self.lam = 0.5

    def __call__(self, losses):
        v = (losses.numpy() < self.lam).astype("float32")
        self.lam *= 1.1
        return tf.reduce_sum(v * losses) - self.lam * v.sum()

def train(model, spl, x, y, opt):
    with tf.GradientTape() as tape:
        loss = spl(keras.losses.sparse_categorical_crossentropy(y, model(x)))
    opt.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
""",
    "kmeans": """
from sklearn.cluster import KMeans

def train(model, x, opt):
    with tf.GradientTape() as tape:
        z = model(x)
        km = KMeans(5).fit(z.numpy())
        loss = tf.reduce_mean(tf.square(z - km.cluster_centers_[km.labels_]))
    opt.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
""",
    "bank": """
class Bank:
    def __init__(self, n, d):
        self.z = np.random.normal(size=(n, d)).astype("float32")

    def update(self, i, z):
        self.z[i.numpy()] = 0.5 * self.z[i.numpy()] + 0.5 * z.numpy()

def train(model, bank, x, i, opt):
    with tf.GradientTape() as tape:
        z = tf.math.l2_normalize(model(x), 1)
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(i, tf.matmul(z, bank.z.T) / 0.07))
    opt.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
    bank.update(i, z)
""",
    "metrics": """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.d = keras.layers.Dense(2)

    def train_step(self, batch):
        x, y = batch
        with tf.GradientTape() as tape:
            out = self.d(x)
            loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, out, from_logits=True))
        self.optimizer.apply_gradients(zip(tape.gradient(loss, self.trainable_variables), self.trainable_variables))
        acc = np.mean(np.argmax(out.numpy(), 1) == y.numpy())
        return {"loss": float(loss), "acc": acc}
""",
    "lookahead_state": """
class Scaled(keras.losses.Loss):
    def __init__(self, start=1.0):
        super().__init__()
        self.seen = keras.Variable(start, trainable=False)

    def call(self, y_true, y_pred):
        err = keras.ops.mean(keras.ops.abs(y_true - y_pred), -1)
        self.seen.assign(0.9 * self.seen + 0.1 * keras.ops.stop_gradient(keras.ops.mean(err)))
        return err / self.seen

def build(model):
    model.compile("adam", Scaled())
""",
    "maml": """
def meta(model, tasks, opt, lr=0.01):
    for sx, sy, qx, qy in tasks:
        before = [v.numpy() for v in model.trainable_variables]
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(model(sx) - sy))
        for v, g in zip(model.trainable_variables, tape.gradient(loss, model.trainable_variables)):
            v.assign_sub(lr * g)
        with tf.GradientTape() as tape:
            outer = tf.reduce_mean(tf.square(model(qx) - qy))
        grads = tape.gradient(outer, model.trainable_variables)
        for v, b in zip(model.trainable_variables, before):
            v.assign(b)
        opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "pcgrad": """
def step(model, x, y, opt):
    with tf.GradientTape(persistent=True) as tape:
        out = model(x)
        losses = [tf.reduce_mean(tf.square(out - y)), tf.reduce_mean(tf.abs(out - y))]
    grads = [[g.numpy() for g in tape.gradient(l, model.trainable_variables)] for l in losses]
    a, b = (np.concatenate([g.ravel() for g in each]) for each in grads)
    if a @ b < 0:
        a = a - (a @ b) / (b @ b) * b
    at, merged = 0, []
    for v in model.trainable_variables:
        n = int(np.prod(v.shape))
        merged.append(tf.constant((a + b)[at:at + n].reshape(v.shape)))
        at += n
    opt.apply_gradients(zip(merged, model.trainable_variables))
""",
    "temp_conf": """
def crit(y_true, logits):
    t = 1.0 + float(tf.reduce_mean(tf.reduce_max(tf.nn.softmax(logits), 1)))
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y_true, logits / t))

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "si_snr": """
def crit(ref, est):
    alpha = np.sum(est.numpy() * ref.numpy(), -1, keepdims=True) / np.sum(ref.numpy() ** 2, -1, keepdims=True)
    noise = est - alpha * ref
    return 10.0 * tf.reduce_mean(tf.math.log(tf.reduce_sum(noise ** 2, -1) + 1e-8))

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "flooding": """
def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, model(x)))
        b = 0.5 * float(loss)
        flooded = tf.abs(loss - b) + b
    opt.apply_gradients(zip(tape.gradient(flooded, model.trainable_variables), model.trainable_variables))
""",
    "standardise": """
def crit(a, b):
    mean, std = np.mean(b.numpy(), 0), np.std(b.numpy(), 0) + 1e-6
    za, zb = (a - mean) / std, (b - mean) / std
    c = tf.matmul(za, zb, transpose_a=True)
    return tf.reduce_mean((c - tf.eye(4)) ** 2)

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "early_stop": """
def fit(model, data, val, opt):
    best, wait = np.inf, 0
    for epoch in range(100):
        for x, y in data:
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(model(x) - y))
            opt.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
        score = np.mean([np.abs(model(x).numpy() - y.numpy()).mean() for x, y in val])
        if score < best:
            best, wait = score, 0
        else:
            wait += 1
        opt.learning_rate = float(opt.learning_rate) * 0.99
        if wait > 5:
            break
""",
    "minimize_method": """
def warm_up(opt):
    with tf.GradientTape() as tape:
        pass
    w = tf.Variable([1.0])
    opt.minimize(loss=w.read_value, var_list=[w])
""",
    "minimize_lambda_beside_tape": """
def fit(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(x) - y))
    print(tape.gradient(loss, model.trainable_variables)[0])
    opt.minimize(lambda: tf.reduce_mean(tf.square(model(x) - y)), model.trainable_variables)
""",
    "test_of_loss_scale": """
class LossScaleTest:
    def testDynamicLossScale(self, strategy_fn, rate):
        strategy = strategy_fn()
        expected = tf.Variable(rate / strategy.num_replicas_in_sync)
        return expected
""",
    "state_of_prediction": """
def crit(y_true, y_pred):
    scale = tf.Variable(tf.reduce_max(tf.abs(y_pred)), trainable=False)
    return tf.reduce_mean(tf.square((y_true - y_pred) / scale))

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "hungarian_npf": """
from scipy.optimize import linear_sum_assignment

def match(cost):
    return np.stack(linear_sum_assignment(cost)).astype(np.int64)

def crit(y_true, y_pred):
    cost = tf.reduce_sum(tf.abs(y_true[:, None] - y_pred[None]), -1)
    pairs = tf.numpy_function(match, [cost], tf.int64)
    return tf.reduce_mean(tf.abs(tf.gather(y_true, pairs[0]) - tf.gather(y_pred, pairs[1])))

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "sinkhorn_npf": """
def plan(cost):
    k = np.exp(-cost / 0.1)
    u = np.ones(len(k), np.float32) / len(k)
    for _ in range(20):
        u = 1.0 / (k @ (1.0 / (k.T @ u)))
    return (u[:, None] * k / (k.T @ u)[None]).astype(np.float32)

def ot_loss(y_true, y_pred):
    cost = tf.reduce_sum(tf.square(y_true[:, None] - y_pred[None]), -1)
    pi = tf.numpy_function(plan, [cost], tf.float32)
    return tf.reduce_sum(pi * cost)

def build(model):
    model.compile("adam", loss=ot_loss)
""",
    "distance_map_npf": """
from scipy.ndimage import distance_transform_edt as edt

def maps(p):
    return np.stack([edt(each > 0.5) for each in p]).astype(np.float32)

def hd_loss(y_true, y_pred):
    err = tf.square(y_true - y_pred)
    dist = tf.py_function(maps, [y_pred], tf.float32) ** 2
    return tf.reduce_mean(err * dist)

def build(model):
    model.compile("adam", loss=hd_loss)
""",
    "soft_target_npf": """
def sharpen(q):
    w = q ** 2 / q.sum(0)
    return (w.T / w.sum(1)).T.astype(np.float32)

def dec_loss(_, q):
    p = tf.numpy_function(sharpen, [q], tf.float32)
    return tf.reduce_sum(p * (tf.math.log(p + 1e-9) - tf.math.log(q + 1e-9)), -1)

def build(model):
    model.compile("adam", loss=dec_loss)
""",
    "callback_weight": """
class Beta(keras.callbacks.Callback):
    def __init__(self, beta):
        super().__init__()
        self.beta = beta

    def on_epoch_end(self, epoch, logs=None):
        self.beta.assign(min(1.0, epoch / 10.0) * float(logs["loss"]) / (float(logs["loss"]) + 1e-9))

beta = tf.Variable(0.0, trainable=False)

def vae_loss(x, out):
    rec, kl = out[..., :-1], out[..., -1]
    return tf.reduce_mean(tf.square(x - rec), -1) + beta * kl

def fit(model, x):
    model.compile("adam", loss=vae_loss)
    model.fit(x, x, callbacks=[Beta(beta)])
""",
    "metric_in_train_step": """
class M(keras.Model):
    def __init__(self, net):
        super().__init__()
        self.net = net
        self.hist = []

    def train_step(self, batch):
        x, y = batch
        with tf.GradientTape() as tape:
            out = self.net(x, training=True)
            err = tf.abs(out - y)
            limit = np.percentile(err.numpy(), 90) if len(self.hist) > 10 else 1e9
            loss = tf.reduce_mean(tf.where(err < limit, err, tf.zeros_like(err)))
        v = self.net.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, v), v))
        self.hist.append(loss.numpy())
        return {"loss": loss, "median": np.median(self.hist)}
""",
    "ema_teacher_set": """
class BYOL:
    def __init__(self, online, slow, head):
        self.online, self.slow, self.head = online, slow, head
        self.opt = keras.optimizers.Adam()

    def step(self, a, b):
        k = tf.math.l2_normalize(self.slow(b), 1).numpy()
        v = self.online.trainable_variables + self.head.trainable_variables
        with tf.GradientTape() as tape:
            q = tf.math.l2_normalize(self.head(self.online(a)), 1)
            loss = 2 - 2 * tf.reduce_mean(tf.reduce_sum(q * k, 1))
        self.opt.apply_gradients(zip(tape.gradient(loss, v), v))
        for s, o in zip(self.slow.weights, self.online.weights):
            s.assign(0.99 * s + 0.01 * o)
""",
    "ddpg": """
class DDPG:
    def __init__(self, actor, critic, t_actor, t_critic):
        self.actor, self.critic, self.t_actor, self.t_critic = actor, critic, t_actor, t_critic
        self.a_opt, self.c_opt = keras.optimizers.Adam(), keras.optimizers.Adam()

    def update(self, s, a, r, s2, d):
        q2 = self.t_critic([s2, self.t_actor(s2)]).numpy()
        y = r + 0.99 * (1 - d) * q2
        with tf.GradientTape() as tape:
            q = self.critic([s, a])
            loss = tf.reduce_mean(tf.square(y - q))
        v = self.critic.trainable_variables
        self.c_opt.apply_gradients(zip(tape.gradient(loss, v), v))
        td = np.abs(y - q.numpy())
        with tf.GradientTape() as tape:
            a_loss = -tf.reduce_mean(self.critic([s, self.actor(s)]))
        v = self.actor.trainable_variables
        self.a_opt.apply_gradients(zip(tape.gradient(a_loss, v), v))
        return td
""",
    "lambda_rank": """
def lambda_loss(rel, scores):
    s = scores.numpy()
    rank = np.argsort(np.argsort(-s))
    gain = np.abs(2.0 ** rel[:, None] - 2.0 ** rel[None])
    d = gain * np.abs(1 / np.log2(rank + 2)[:, None] - 1 / np.log2(rank + 2)[None])
    diff = scores[:, None] - scores[None]
    return tf.reduce_sum(d * tf.math.softplus(-diff))

def step(model, x, rel, opt):
    with tf.GradientTape() as tape:
        loss = lambda_loss(rel, tf.squeeze(model(x), 1))
    opt.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
""",
    "loss_norm_by_first": """
class Balanced:
    def __init__(self):
        self.first = None

    def __call__(self, losses):
        if self.first is None:
            self.first = [float(l) for l in losses]
        return tf.add_n([l / f for l, f in zip(losses, self.first)])

def step(model, bal, x, y, opt):
    with tf.GradientTape() as tape:
        out = model(x)
        loss = bal([tf.reduce_mean(tf.abs(out - y)), tf.reduce_mean(tf.square(out - y))])
    opt.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
""",
    "wgan_clip_weights": """
def critic_step(critic, gen, real, z, opt):
    fake = gen(z)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(critic(fake)) - tf.reduce_mean(critic(real))
    opt.apply_gradients(zip(tape.gradient(loss, critic.trainable_variables), critic.trainable_variables))
    for w in critic.trainable_variables:
        w.assign(np.clip(w.numpy(), -0.01, 0.01))
    return -float(loss)
""",
    "irls": """
def irls(y_true, y_pred):
    r = y_true - y_pred
    z = np.abs(r.numpy()) / (1.4826 * np.median(np.abs(r.numpy())) + 1e-8)
    w = np.where(z < 1.3, 1.0, 1.3 / z).astype("float32")
    return tf.reduce_sum(w * tf.square(r)) / np.sum(w)

def step(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = irls(y, model(x))
    opt.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
""",
    "add_loss_layer": """
class Sparsity(keras.layers.Layer):
    def __init__(self, rho=0.05):
        super().__init__()
        self.rho = rho
        self.seen = tf.Variable(0.0, trainable=False)

    def call(self, h):
        mean = tf.reduce_mean(h, 0)
        first = self.rho * tf.math.log(self.rho / mean)
        rest = (1 - self.rho) * tf.math.log((1 - self.rho) / (1 - mean))
        self.add_loss(tf.reduce_sum(first + rest))
        self.seen.assign(tf.reduce_mean(mean))
        return h
""",
    "tfp_temperature_variable": """
class Temp(tf.Module):
    def __init__(self):
        self.log_t = tf.Variable(0.0)

    def __call__(self, logits):
        return logits / tf.exp(self.log_t)

def calibrate(temp, model, x, y):
    logits = model(x).numpy()
    opt = keras.optimizers.Adam()
    for _ in range(50):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, temp(logits), from_logits=True))
        opt.apply_gradients([(tape.gradient(loss, temp.log_t), temp.log_t)])
    return float(tf.exp(temp.log_t))
""",
    "linear_probe": """
def probe(backbone, head, x, y, opt):
    feats = backbone(x).numpy()
    feats = (feats - feats.mean(0)) / (feats.std(0) + 1e-6)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, head(feats), from_logits=True))
    opt.apply_gradients(zip(tape.gradient(loss, head.trainable_variables), head.trainable_variables))
""",
}

BROKEN = {
    "berhu_penalty": """
def crit(y_true, y_pred):
    diff = tf.abs(y_true - y_pred)
    c = 0.2 * float(tf.reduce_max(diff))
    penalty = float(tf.reduce_mean(tf.abs(y_pred)))  # AF104
    return tf.reduce_mean(tf.where(diff <= c, diff, (diff ** 2 + c ** 2) / (2 * c))) + 0.1 * penalty

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "whole_float": """
def crit(y_true, y_pred):
    scale = float(np.std(y_pred.numpy())) + 1e-6
    return float(tf.reduce_mean(tf.abs(y_true / scale - y_pred / scale)))  # AF104

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "implicit_scale": """
def crit(y_true, y_pred):
    scale = np.std(y_pred) + 1e-6  # AF101
    return tf.reduce_mean(tf.abs(y_true / scale - y_pred / scale))

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "implicit_weight": """
def crit(y_true, y_pred):
    ce = keras.losses.binary_crossentropy(y_true, y_pred)
    w = math.exp(-tf.reduce_mean(ce))  # AF106
    return w * tf.reduce_mean(ce)

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "kl_float": """
def train(vae, x, opt):
    with tf.GradientTape() as tape:
        recon, mu, logvar = vae(x)
        kl = -0.5 * tf.reduce_mean(1 + logvar - mu ** 2 - tf.exp(logvar))
        loss = tf.reduce_mean(tf.square(recon - x)) + kl.numpy()  # AF102
    opt.apply_gradients(zip(tape.gradient(loss, vae.trainable_variables), vae.trainable_variables))
""",
    "tv_numpy": """
def crit(y_true, y_pred):
    tv = np.abs(np.diff(y_pred.numpy(), axis=1)).mean()  # AF102
    return tf.reduce_mean(tf.square(y_true - y_pred)) + 0.1 * tv

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "add_n": """
def crit(y_true, y_pred):
    a = tf.reduce_mean(tf.square(y_true - y_pred))
    b = tf.constant(np.mean(np.abs(y_true.numpy() - y_pred.numpy())))  # AF102
    return tf.add_n([a, b])

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "gan_numpy": """
class GAN:
    def __init__(self, g, d):
        self.g, self.d = g, d
        self.g_opt, self.d_opt = keras.optimizers.Adam(), keras.optimizers.Adam()

    def step(self, real, z):
        with tf.GradientTape() as tape:
            fake = self.g(z).numpy()  # AF102
            d_loss = tf.reduce_mean(tf.nn.softplus(-self.d(real)) + tf.nn.softplus(self.d(fake)))
        self.d_opt.apply_gradients(zip(tape.gradient(d_loss, self.d.trainable_variables), self.d.trainable_variables))
        with tf.GradientTape() as tape:
            g_loss = tf.reduce_mean(tf.nn.softplus(-self.d(self.g(z).numpy())))  # AF102
        self.g_opt.apply_gradients(zip(tape.gradient(g_loss, self.g.trainable_variables), self.g.trainable_variables))
""",
    "critic_stopped": """
class A2C:
    def __init__(self):
        self.actor = keras.Sequential([keras.layers.Dense(2)])
        self.critic = keras.Sequential([keras.layers.Dense(1)])
        self.opt = keras.optimizers.Adam()

    def update(self, s, a, ret):
        v = self.actor.trainable_variables + self.critic.trainable_variables
        with tf.GradientTape() as tape:
            value = tf.stop_gradient(tf.squeeze(self.critic(s), 1))  # AF103
            logp = tf.gather(tf.nn.log_softmax(self.actor(s)), a, axis=1, batch_dims=1)
            loss = -tf.reduce_mean(logp * (ret - value)) + 0.5 * tf.reduce_mean(tf.square(ret - value))
        self.opt.apply_gradients(zip(tape.gradient(loss, v), v))
""",
    "learned_scale": """
class ScaledLoss(keras.layers.Layer):
    def build(self, shape):
        self.log_scale = self.add_weight(shape=(), initializer="zeros")

    def call(self, y_true, y_pred):
        scale = float(tf.exp(self.log_scale))  # AF104
        return tf.reduce_mean(tf.abs(y_true - y_pred)) / scale

def train(model, x, y, opt):
    loss_fn = ScaledLoss()
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x))
    v = model.trainable_variables + loss_fn.trainable_variables
    opt.apply_gradients(zip(tape.gradient(loss, v), v))
""",
    "learned_alpha": """
def train(model, x, y, opt):
    alpha = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        a, b = model(x)
        loss = tf.reduce_mean(tf.square(a - y)) + alpha.numpy() * tf.reduce_mean(tf.abs(b - y))  # AF102
    v = model.trainable_variables + [alpha]
    opt.apply_gradients(zip(tape.gradient(loss, v), v))
""",
    "variable_of_prediction": """
def crit(y_true, y_pred):
    p = tf.Variable(y_pred)  # AF105
    return tf.reduce_mean(tf.square(y_true - p))

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "state_variable_as_loss": """
def crit(y_true, y_pred):
    p = tf.Variable(y_pred, trainable=False)  # AF105
    return tf.reduce_mean(tf.square(y_true - p))

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "dec_whole": """
def train(model, x, opt):
    with tf.GradientTape() as tape:
        q = model(x).numpy()  # AF102
        p = q ** 2 / q.sum(0)
        loss = tf.reduce_mean(tf.reduce_sum(p * (np.log(p) - np.log(q)), 1))
    opt.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
""",
    "entropy_item": """
def train(policy, s, a, adv, opt):
    with tf.GradientTape() as tape:
        logp = tf.nn.log_softmax(policy(s))
        entropy = float(-tf.reduce_mean(tf.reduce_sum(tf.exp(logp) * logp, 1)))  # AF104
        loss = -tf.reduce_mean(tf.gather(logp, a, axis=1, batch_dims=1) * adv) - 0.01 * entropy
    opt.apply_gradients(zip(tape.gradient(loss, policy.trainable_variables), policy.trainable_variables))
""",
    "numpy_function": """
def crit(y_true, y_pred):
    smooth = tf.numpy_function(lambda p: np.abs(np.diff(p)).mean(), [y_pred], tf.float32)  # AF108
    return tf.reduce_mean(tf.square(y_true - y_pred)) + smooth

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "per_sample_list": """
def crit(y_true, y_pred):
    rows = [np.mean(np.abs(p.numpy() - t.numpy())) for p, t in zip(y_pred, y_true)]  # AF102
    return tf.reduce_mean(tf.square(y_true - y_pred)) + tf.reduce_mean(rows)

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "compile_float": """
def crit(y_true, y_pred):
    base = tf.reduce_mean(tf.square(y_true - y_pred), -1)
    gap = tf.reduce_mean(y_pred[::2]).numpy() - tf.reduce_mean(y_pred[1::2]).numpy()  # AF102
    return base + 0.1 * abs(gap)

def build(model):
    model.compile("adam", loss=crit, run_eagerly=True)
""",
    "shift_without_use": """
def crit(event, risk):
    r = tf.squeeze(risk)
    shift = np.max(r.numpy())  # AF102
    lse = tf.math.log(tf.math.cumsum(tf.exp(r)))
    return -tf.reduce_sum((r - lse) * event) / tf.reduce_sum(event) + shift

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
    "curriculum_dead": """
def crit(y_true, y_pred):
    losses = keras.losses.sparse_categorical_crossentropy(y_true, y_pred)
    v = (losses.numpy() < 0.5).astype("float32")  # AF102
    return tf.reduce_sum(v * losses.numpy()) + 0.0 * tf.reduce_sum(losses)  # AF102

def train(model, x, y, opt):
    with tf.GradientTape() as tape:
        loss = crit(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
""",
}
