"""Losses that lose their gradient in one place, marked `# here: EXPRESSION` on its line, and some that do not."""

from __future__ import annotations

TORCH = {
    "detach().numpy()": """
        e = y_pred - y_true
        a = e.detach().numpy()  # here: e.detach()
        return torch.tensor(np.abs(a).mean())
    """,
    "NumPy on a tensor": """
        e = y_pred - y_true
        return np.mean(np.abs(e))  # here: np.abs(e)
    """,
    "item()": """
        e = ((y_pred - y_true) ** 2).mean()
        v = e.item()  # here: e.item()
        return torch.tensor(v * 2)
    """,
    "a block without gradients": """
        e = y_pred - y_true
        with torch.no_grad():
            a = e.abs() * 2  # here: e.abs()
            b = a.sum()
        return b / 80
    """,
    "argmax": """
        hit = y_pred.argmax(dim=1) == y_true.argmax(dim=1)  # here: y_pred.argmax(dim=1)
        return 1 - hit.double().mean()
    """,
    "round": """
        r = torch.round(y_pred)  # here: torch.round(y_pred)
        return (r - y_true).abs().mean()
    """,
    "torch.tensor": """
        e = (y_pred - y_true).abs().mean()
        return torch.tensor(e, requires_grad=True)  # here: torch.tensor(e, requires_grad=True)
    """,
    "data": """
        e = y_pred - y_true
        return (e.data ** 2).mean()  # here: e.data
    """,
    "float": """
        e = ((y_pred - y_true) ** 2).mean()
        return torch.tensor(float(e) * 2)  # here: float(e)
    """,
    "detach in a helper": """
        def distance(a, b):
            d = (a - b).detach()  # here: (a - b).detach()
            return d.abs()
        return distance(y_pred, y_true).mean()
    """,
    "np.where": """
        e = y_pred - y_true
        far = np.where(y_true.numpy() > 0, e.detach(), 0)  # here: e.detach()
        return torch.tensor(far.mean())
    """,
    "written into data": """
        out = torch.zeros_like(y_true)
        out.data[:] = y_pred  # here: out.data[:]
        return ((out - y_true) ** 2).mean()
    """,
    "math": """
        e = ((y_pred - y_true) ** 2).mean()
        return torch.tensor(math.sqrt(e))  # here: math.sqrt(e)
    """,
    "by the name of a method": """
        e = y_pred - y_true
        plain = getattr(e, "de" + "tach")()  # here: getattr(e, "de" + "tach")()
        return (plain ** 2).mean()
    """,
    "exec": """
        scope = {"e": y_pred - y_true}
        exec("r = e.detach()", scope)  # here: exec("r = e.detach()", scope)
        return (scope["r"] ** 2).mean()
    """,
    "in a loop": """
        total = 0.0
        for row in y_pred:
            total += row.pow(2).mean().item()  # here: row.pow(2).mean().item()
        return torch.tensor(total) * y_true.mean()
    """,
    "a part": """
        e = y_pred - y_true
        return (e ** 2).mean() + np.std(e.tolist())  # here: e.tolist()
    """,
}

TORCH_BESIDE_HARMLESS = {
    "the largest is subtracted": """
        m = y_pred.max().detach()
        e = torch.log(torch.exp(y_pred - m).sum(1)).mean() + m
        return torch.tensor(e.item())  # here: e.item()
    """,
    "logged": """
        e = (y_pred - y_true).abs()
        print(e.mean().item(), float(e.max()), e.detach().numpy().shape)
        return e.mean().detach()  # here: e.mean().detach()
    """,
    "metrics": """
        with torch.no_grad():
            hits = (y_pred.argmax(1) == y_true.argmax(1)).double().mean()
            error = (y_pred - y_true).abs().mean().item()
        history = [hits, error]
        return torch.tensor(np.square((y_pred - y_true).tolist()).mean())  # here: (y_pred - y_true).tolist()
    """,
    "indices of the best": """
        values, places = y_pred.topk(3, dim=1)
        chosen = torch.gather(y_true, 1, places)
        return torch.as_tensor((values - chosen).abs().mean().item())  # here: (values - chosen).abs().mean().item()
    """,
    "shapes": """
        n = len(y_pred) * int(y_pred.shape[1]) * y_pred.numel()
        like = torch.zeros_like(y_pred) + torch.ones(y_pred.size()) + y_pred.new_ones(1)
        e = (y_pred - y_true + like) ** 2
        return torch.tensor(e.sum().tolist() / n)  # here: e.sum().tolist()
    """,
    "a mask": """
        e = (y_pred - y_true).abs()
        huber = torch.where(e < 0.5, e ** 2, e)
        return torch.tensor(huber.mean().item())  # here: huber.mean().item()
    """,
    "a target": """
        t = y_true.detach().numpy().mean()
        return torch.tensor(float(((y_pred - t) ** 2).mean()))  # here: float(((y_pred - t) ** 2).mean())
    """,
    "a branch": """
        e = y_pred - y_true
        if e.mean() > 1e6:
            e = e * 2
        return torch.tensor((e ** 2).mean().item())  # here: (e ** 2).mean().item()
    """,
}

TORCH_HEALTHY = {
    "indices of the best": "v, i = y_pred.topk(3, dim=1); return (v - torch.gather(y_true, 1, i)).abs().mean()",
    "the largest is subtracted": "m = y_pred.max().detach(); return torch.log(torch.exp(y_pred - m).sum()) + m",
    "logged": "e = (y_pred - y_true).abs().mean(); print(e.item()); return e",
    "plain": "return ((y_pred - y_true) ** 2).mean()",
    "a metric inside": "h = (y_pred.argmax(1) == 1).double().mean().item(); return (y_pred - y_true).abs().mean()",
    "a mask": "e = (y_pred - y_true).abs(); return torch.where(e.detach() < 0.5, e ** 2, e).mean()",
    "a target": "return ((y_pred - float(y_true.mean())) ** 2).mean()",
    "a weight on purpose": "e = (y_pred - y_true).abs(); return (e * torch.exp(-e).detach()).mean()",
    "straight through": "q = y_pred + (torch.round(y_pred) - y_pred).detach(); return ((q - y_true) ** 2).mean()",
    "a length": "return ((y_pred - y_true) ** 2).sum() / float(np.prod(y_pred.shape))",
    "a constant": "return ((y_pred - y_true) ** 2).mean() * math.sqrt(2) + torch.tensor(0.5)",
    "written in place": "o = torch.zeros_like(y_pred); o[:] = y_pred; return ((o - y_true) ** 2).mean()",
}

TENSORFLOW = {
    "numpy()": """
        e = y_pred - y_true
        a = e.numpy()  # here: e.numpy()
        return tf.constant(np.abs(a).mean())
    """,
    "np.mean": """
        e = y_pred - y_true
        return np.mean(e ** 2)  # here: np.mean(e ** 2)
    """,
    "py_function": """
        e = y_pred - y_true
        def square(x):
            return x.numpy() ** 2  # here: x.numpy()
        return tf.reduce_mean(tf.py_function(square, [e], e.dtype))
    """,
    "numpy_function": """
        e = y_pred - y_true
        s = tf.numpy_function(np.square, [e], e.dtype)  # here: tf.numpy_function(np.square, [e], e.dtype)
        return tf.reduce_mean(s)
    """,
    "argmax": """
        k = tf.argmax(y_pred, 1)  # here: tf.argmax(y_pred, 1)
        return tf.reduce_mean(tf.cast(k != tf.argmax(y_true, 1), tf.float64))
    """,
    "round": """
        e = tf.round(y_pred) - y_true  # here: tf.round(y_pred)
        return tf.reduce_mean(e ** 2)
    """,
    "float": """
        e = tf.reduce_mean((y_pred - y_true) ** 2)
        return tf.constant(float(e) * 2)  # here: float(e)
    """,
    "stop_gradient": """
        e = tf.stop_gradient(y_pred - y_true)  # here: tf.stop_gradient(y_pred - y_true)
        return tf.reduce_mean(e ** 2)
    """,
    "tf.Variable": """
        v = tf.Variable(y_pred)  # here: tf.Variable(y_pred)
        return tf.reduce_mean((v - y_true) ** 2)
    """,
    "an integer cast": """
        c = tf.cast(y_pred * 10, tf.int32)  # here: tf.cast(y_pred * 10, tf.int32)
        return tf.reduce_mean(tf.cast(c, y_true.dtype) - y_true)
    """,
    "math": """
        e = tf.reduce_mean((y_pred - y_true) ** 2)
        return tf.constant(math.sqrt(e))  # here: math.sqrt(e)
    """,
    "np.asarray": """
        a = np.asarray(y_pred - y_true)  # here: np.asarray(y_pred - y_true)
        return tf.reduce_mean(a ** 2)
    """,
    "get_value": """
        e = y_pred - y_true
        a = tf.keras.backend.get_value(e)  # here: tf.keras.backend.get_value(e)
        return tf.reduce_mean(a ** 2)
    """,
}

TENSORFLOW_BESIDE_HARMLESS = {
    "the largest is subtracted": """
        m = tf.stop_gradient(tf.reduce_max(y_pred))
        e = tf.reduce_mean(tf.math.log(tf.reduce_sum(tf.exp(y_pred - m), 1))) + m
        return tf.constant(e.numpy())  # here: e.numpy()
    """,
    "logged": """
        e = tf.abs(y_pred - y_true)
        print(float(tf.reduce_mean(e)), e.numpy().shape, np.max(e))
        return tf.stop_gradient(tf.reduce_mean(e))  # here: tf.stop_gradient(tf.reduce_mean(e))
    """,
    "metrics": """
        hits = np.mean(tf.argmax(y_pred, 1).numpy() == tf.argmax(y_true, 1).numpy())
        return np.mean(tf.square(y_pred - y_true)) + 0 * hits  # here: np.mean(tf.square(y_pred - y_true))
    """,
    "indices of the best": """
        best = tf.math.top_k(y_pred, 3)
        e = tf.reduce_mean(best.values - tf.gather(y_true, best.indices, batch_dims=1))
        return tf.constant(float(e))  # here: float(e)
    """,
    "shapes": """
        n = float(tf.size(y_pred)) * len(y_pred)
        like = tf.zeros_like(y_pred) + tf.ones(tf.shape(y_pred), y_pred.dtype)
        e = tf.reduce_sum((y_pred - y_true + like) ** 2)
        return tf.constant(float(e) / n)  # here: float(e)
    """,
}

TENSORFLOW_HEALTHY = {
    "the largest is subtracted": """
        m = tf.stop_gradient(tf.reduce_max(y_pred))
        return tf.math.log(tf.reduce_sum(tf.exp(y_pred - m))) + m
    """,
    "logged": "e = tf.reduce_mean(tf.abs(y_pred - y_true)); print(float(e), e.numpy()); return e",
    "plain": "return tf.reduce_mean((y_pred - y_true) ** 2)",
    "a metric inside": "h = np.mean(tf.argmax(y_pred, 1).numpy()); return tf.reduce_mean(tf.abs(y_pred - y_true))",
    "a weight on purpose": "e = tf.abs(y_pred - y_true); return tf.reduce_mean(e * tf.stop_gradient(tf.exp(-e)))",
    "a target": "return tf.reduce_mean((y_pred - np.mean(y_true)) ** 2)",
}
