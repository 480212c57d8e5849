import numpy as np
import tensorflow as tf

class Agent:
    def __init__(self, n_actions, gamma=0.99):
        self.model = tf.keras.Sequential([tf.keras.layers.Dense(16, activation="relu"), tf.keras.layers.Dense(n_actions)])
        self.target = tf.keras.models.clone_model(self.model)
        self.gamma = gamma
        self.optimizer = tf.keras.optimizers.Adam()

    def td_loss(self, states, actions, rewards, next_states, dones):
        q = tf.reduce_sum(self.model(states) * tf.one_hot(actions, 10), axis=1)
        nxt = tf.reduce_max(self.target(next_states), axis=1)
        target = rewards + self.gamma * nxt * (1.0 - dones)
        return tf.constant(np.mean(np.square(target.numpy() - q.numpy())))

    def learn(self, s, a, r, n, d):
        with tf.GradientTape() as tape:
            loss = self.td_loss(s, a, r, n, d)
        g = tape.gradient(loss, self.model.trainable_variables)
        self.optimizer.apply_gradients(zip(g, self.model.trainable_variables))
