import numpy as np
import torch
import torch.nn.functional as F

def seg_loss(logits, masks, ignore_index=255):
    b, c, h, w = logits.shape
    ce = F.cross_entropy(logits, masks.long(), ignore_index=ignore_index, reduction="none")
    ce = ce.detach().cpu().numpy()
    valid = (masks != ignore_index).cpu().numpy()
    return torch.tensor(ce[valid].mean())
