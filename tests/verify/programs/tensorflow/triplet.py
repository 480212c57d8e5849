import numpy as np
import tensorflow as tf

def triplet_loss(y_true, y_pred, alpha=0.2):
    anchor, positive, negative = y_pred[:, 0], y_pred[:, 1], y_pred[:, 2]
    pos = np.sum(np.square(anchor.numpy() - positive.numpy()), axis=-1)
    neg = np.sum(np.square(anchor.numpy() - negative.numpy()), axis=-1)
    return tf.constant(np.mean(np.maximum(pos - neg + alpha, 0.0)))

model.compile(loss=triplet_loss, optimizer="adam")
