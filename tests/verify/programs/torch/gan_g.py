import numpy as np
import torch

def generator_loss(discriminator, fake):
    scores = discriminator(fake)
    s = torch.sigmoid(scores).detach().numpy()
    return torch.tensor(-np.mean(np.log(s + 1e-8)))

def step(generator, discriminator, opt_g, z):
    fake = generator(z)
    loss = generator_loss(discriminator, fake)
    opt_g.zero_grad()
    loss.backward()
    opt_g.step()
