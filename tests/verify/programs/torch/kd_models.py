import numpy as np
import torch
import torch.nn.functional as F

def kd_step(student, teacher, x, y, T=2.0):
    with torch.no_grad():
        t_logits = teacher(x)
    s_logits = student(x)
    p = F.softmax(t_logits / T, dim=-1)
    q = F.log_softmax(s_logits / T, dim=-1)
    kl = np.sum(p.numpy() * (np.log(p.numpy()) - q.detach().numpy()), axis=-1).mean()
    return torch.tensor(kl * T ** 2) + F.cross_entropy(s_logits, y)

def train(student, teacher, loader, optimizer):
    for x, y in loader:
        loss = kd_step(student, teacher, x, y)
        loss.backward()
        optimizer.step()
