import numpy as np
import torch
import torch.nn as nn

class PINN(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 20), nn.Tanh(), nn.Linear(20, 1))

    def forward(self, x, t):
        return self.net(torch.cat([x, t], dim=1))

def residual_loss(model, x, t, nu=0.01):
    u = model(x, t)
    u_t = torch.autograd.grad(u, t, grad_outputs=torch.ones_like(u), create_graph=True)[0]
    u_x = torch.autograd.grad(u, x, grad_outputs=torch.ones_like(u), create_graph=True)[0]
    f = u_t + u * u_x
    return torch.tensor(np.mean(np.square(f.detach().numpy())), requires_grad=True)

model = PINN()
opt = torch.optim.Adam(model.parameters())
for _ in range(10):
    x = torch.rand(32, 1, requires_grad=True)
    t = torch.rand(32, 1, requires_grad=True)
    loss = residual_loss(model, x, t)
    opt.zero_grad()
    loss.backward()
    opt.step()
