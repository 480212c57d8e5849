import numpy as np
import torch
import torch.nn.functional as F

def p_losses(denoise_model, x_start, t, noise, sqrt_alphas_cumprod, sqrt_one_minus_alphas_cumprod):
    a = sqrt_alphas_cumprod[t].view(-1, 1, 1, 1)
    b = sqrt_one_minus_alphas_cumprod[t].view(-1, 1, 1, 1)
    x_noisy = a * x_start + b * noise
    predicted = denoise_model(x_noisy, t)
    diff = np.abs(noise.numpy() - predicted.detach().numpy())
    return torch.tensor(np.where(diff < 1, 0.5 * diff ** 2, diff - 0.5).mean())

def train(model, opt, x, t, noise, sa, sb):
    loss = p_losses(model, x, t, noise, sa, sb)
    loss.backward()
    opt.step()
