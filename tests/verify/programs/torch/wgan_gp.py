import numpy as np
import torch

def gradient_penalty(critic, real, fake, alpha):
    inter = (alpha * real + (1 - alpha) * fake).requires_grad_(True)
    score = critic(inter)
    g = torch.autograd.grad(score, inter, torch.ones_like(score), create_graph=True)[0]
    g = g.view(g.size(0), -1)
    norms = np.linalg.norm(g.detach().numpy(), axis=1)
    return torch.tensor(np.mean((norms - 1) ** 2))

def d_step(critic, real, fake, alpha, opt):
    loss = fake.mean() + 10 * gradient_penalty(critic, real, fake, alpha)
    loss.backward()
    opt.step()
