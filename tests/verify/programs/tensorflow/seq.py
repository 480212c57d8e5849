import numpy as np
import tensorflow as tf

loss_object = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")

def loss_function(real, pred):
    mask = tf.math.logical_not(tf.math.equal(real, 0))
    loss_ = loss_object(real, pred).numpy()
    m = tf.cast(mask, tf.float32).numpy()
    return tf.constant(np.sum(loss_ * m) / np.sum(m))

@tf.function
def train_step(model, inp, tar, optimizer):
    with tf.GradientTape() as tape:
        pred = model(inp)
        loss = loss_function(tar, pred)
    g = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(g, model.trainable_variables))
