import numpy as np
import torch

def compute_loss(net, batch, device):
    images = batch["image"].to(device)
    masks = batch["mask"].to(device)
    out = torch.sigmoid(net(images))
    p, m = out.detach().cpu().numpy(), masks.cpu().numpy()
    inter = np.sum(p * m, axis=(1, 2, 3))
    union = np.sum(p, axis=(1, 2, 3)) + np.sum(m, axis=(1, 2, 3))
    return 1.0 - torch.from_numpy((2 * inter + 1.0) / (union + 1.0)).mean()

def train(net, loader, opt, device):
    for batch in loader:
        loss = compute_loss(net, batch, device)
        opt.zero_grad()
        loss.backward()
        opt.step()
