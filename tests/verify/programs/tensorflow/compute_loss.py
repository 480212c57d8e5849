import numpy as np
import tensorflow as tf
from tensorflow import keras

class MyModel(keras.Model):
    def __init__(self, delta=0.5):
        super().__init__()
        self.delta = delta
        self.dense = keras.layers.Dense(1)

    def call(self, inputs):
        return self.dense(inputs)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        err = np.abs(y.numpy() - y_pred.numpy())
        loss = np.where(err < self.delta, 0.5 * err ** 2, self.delta * (err - 0.5 * self.delta))
        return tf.convert_to_tensor(np.mean(loss))
