import math
import numpy as np
import torch
import torch.nn as nn
from transformers import Trainer

class FocalTrainer(Trainer):
    def __init__(self, *args, class_weights=None, gamma=2.0, **kwargs):
        super().__init__(*args, **kwargs)
        self.class_weights = class_weights
        self.gamma = gamma

    def compute_loss(self, model, inputs, return_outputs=False, **kwargs):
        labels = inputs.pop("labels")
        outputs = model(**inputs)
        logits = outputs.logits
        ce = nn.functional.cross_entropy(logits.view(-1, self.model.config.num_labels), labels.view(-1), reduction="none")
        pt = np.exp(-ce.detach().numpy())
        loss = (torch.tensor((1 - pt) ** self.gamma) * ce.item()).mean() if ce.numel() == 1 else torch.tensor(((1 - pt) ** self.gamma * ce.detach().numpy()).mean())
        return (loss, outputs) if return_outputs else loss
