import math
import numpy as np
import torch

ONEOVERSQRT2PI = 1.0 / math.sqrt(2 * math.pi)

# autofix: inputs(pi=prob[8, 3], sigma=0.2 < float[8, 3, 2] < 2, mu=float[8, 3, 2], target=float[8, 2])
def mdn_loss(pi, sigma, mu, target):
    target = target.unsqueeze(1).expand_as(sigma)
    ret = ONEOVERSQRT2PI * np.exp(-0.5 * ((target - mu) / sigma).detach().numpy() ** 2) / sigma.detach().numpy()
    prob = pi.detach().numpy() * np.prod(ret, axis=2)
    nll = -np.log(np.sum(prob, axis=1))
    return torch.tensor(np.mean(nll))
