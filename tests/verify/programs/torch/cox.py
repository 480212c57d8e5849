import numpy as np
import torch

def cox_ph_loss(log_h, durations, events, eps=1e-7):
    idx = durations.sort(descending=True)[1]
    events = events[idx]
    log_h = log_h[idx]
    gamma = log_h.max()
    log_cumsum_h = np.log(np.cumsum(np.exp((log_h - gamma).detach().numpy())) + eps) + gamma.item()
    return -torch.tensor(((log_h.detach().numpy() - log_cumsum_h) * events.numpy()).sum() / events.sum().item())
