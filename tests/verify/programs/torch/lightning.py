import numpy as np
import torch
import torch.nn as nn
import pytorch_lightning as pl

class LitModel(pl.LightningModule):
    def __init__(self, in_dim=16, hidden=32, beta=0.5, lr=1e-3):
        super().__init__()
        self.save_hyperparameters()
        self.model = nn.Sequential(nn.Linear(in_dim, hidden), nn.ReLU(), nn.Linear(hidden, 1))
        self.criterion = nn.MSELoss()

    def forward(self, x):
        return self.model(x)

    def training_step(self, batch, batch_idx):
        x, y = batch
        y_hat = self(x)
        mse = self.criterion(y_hat, y)
        tv = np.abs(np.diff(y_hat.detach().numpy(), axis=0)).mean()
        loss = torch.tensor(mse.item() + self.hparams.beta * tv)
        self.log("train_loss", loss, prog_bar=True)
        return loss

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.hparams.lr)
