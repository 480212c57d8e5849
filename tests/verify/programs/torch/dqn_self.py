import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

class DQNAgent:
    def __init__(self, state_dim, n_actions, gamma=0.99):
        self.q_net = nn.Sequential(nn.Linear(state_dim, 32), nn.ReLU(), nn.Linear(32, n_actions))
        self.target_net = nn.Sequential(nn.Linear(state_dim, 32), nn.ReLU(), nn.Linear(32, n_actions))
        self.gamma = gamma
        self.optimizer = torch.optim.Adam(self.q_net.parameters())

    def compute_loss(self, states, actions, rewards, next_states, dones):
        q = self.q_net(states).gather(1, actions.unsqueeze(1)).squeeze(1)
        with torch.no_grad():
            next_q = self.target_net(next_states).max(1)[0]
        target = rewards + self.gamma * next_q * (1 - dones)
        td = q.detach().numpy() - target.numpy()
        return torch.tensor(np.mean(np.where(np.abs(td) < 1, 0.5 * td ** 2, np.abs(td) - 0.5)))

    def learn(self, batch):
        loss = self.compute_loss(*batch)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
