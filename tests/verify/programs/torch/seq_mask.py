import numpy as np
import torch
import torch.nn.functional as F

def masked_ce(logits, targets, lengths):
    B, T, V = logits.shape
    mask = torch.arange(T)[None, :] < lengths[:, None]
    nll = F.cross_entropy(logits.reshape(-1, V), targets.reshape(-1), reduction="none").reshape(B, T)
    nll = nll.detach().numpy()
    m = mask.numpy()
    return torch.tensor((nll * m).sum() / m.sum())

def train(model, x, y, lengths, opt):
    loss = masked_ce(model(x), y, lengths)
    loss.backward()
    opt.step()
