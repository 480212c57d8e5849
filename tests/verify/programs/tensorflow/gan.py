import numpy as np
import tensorflow as tf

cross_entropy = tf.keras.losses.BinaryCrossentropy(from_logits=True)

def generator_loss(discriminator, fake):
    logits = discriminator(fake, training=False)
    return -tf.convert_to_tensor(np.mean(np.log(1.0 / (1.0 + np.exp(-logits.numpy())) + 1e-7)))

def train(g, d, z, opt):
    with tf.GradientTape() as tape:
        loss = generator_loss(d, g(z))
    opt.apply_gradients(zip(tape.gradient(loss, g.trainable_variables), g.trainable_variables))
