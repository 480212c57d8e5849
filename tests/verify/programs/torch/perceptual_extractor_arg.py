import numpy as np
import torch

def content_loss(feature_extractor, generated, content):
    total = 0.0
    for f, g in zip(feature_extractor(generated), feature_extractor(content)):
        total += np.mean((f.detach().numpy() - g.detach().numpy()) ** 2)
    return torch.tensor(total)

def run(feature_extractor, img, content, opt):
    loss = content_loss(feature_extractor, img, content)
    loss.backward()
    opt.step()
