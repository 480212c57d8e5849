import numpy as np
import torch

def spectral_loss(pred_wave, true_wave, n_fft=16):
    P = np.abs(np.fft.rfft(pred_wave.detach().numpy(), n=n_fft, axis=-1))
    T = np.abs(np.fft.rfft(true_wave.numpy(), n=n_fft, axis=-1))
    return torch.tensor(np.mean(np.abs(np.log(P + 1e-5) - np.log(T + 1e-5))))
