import torch
import numpy as np

def reinforce_loss(log_probs, rewards, gamma=0.99):
    R = 0
    returns = []
    for r in rewards[::-1]:
        R = r + gamma * R
        returns.insert(0, R)
    returns = torch.tensor(returns)
    returns = (returns - returns.mean()) / (returns.std() + 1e-8)
    losses = []
    for lp, Rt in zip(log_probs, returns):
        losses.append(-lp.item() * Rt)
    return torch.stack(losses).sum()
