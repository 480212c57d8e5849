import numpy as np
import torch

QUANTILES = [0.1, 0.5, 0.9]

def quantile_loss(preds, target):
    losses = []
    for i, q in enumerate(QUANTILES):
        errors = target.numpy() - preds[:, i].detach().numpy()
        losses.append(np.maximum((q - 1) * errors, q * errors))
    return torch.tensor(np.mean(np.sum(losses, axis=0)))
