import numpy as np
import torch

def ppo_loss(new_log_probs, old_log_probs, advantages, clip_ratio=0.2):
    ratio = np.exp(new_log_probs.detach().numpy() - old_log_probs.numpy())
    clipped = np.clip(ratio, 1 - clip_ratio, 1 + clip_ratio)
    return torch.as_tensor(-np.minimum(ratio * advantages.numpy(), clipped * advantages.numpy()).mean())
